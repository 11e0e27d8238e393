-- aik_dev_pudGFr7uX3j6fjP744lwq466jMhXEZ8s2fUBVI
CREATE TABLE schema_migrations (position integer primary key, tag text not null, hash text not null, applied_at integer not null);
CREATE TABLE `audit_entries` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`actor_id` text,
	`actor_email` text,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`key_id` text,
	`tool_id` text,
	`address` text,
	`user_agent` text,
	`request_id` text,
	`details` text NOT NULL,
	`previous_hash` text NOT NULL,
	`hash` text NOT NULL
);
CREATE TABLE `invitations` (
	`id` text PRIMARY KEY NOT NULL,
	`token_hash` text NOT NULL,
	`email` text NOT NULL,
	`role` text NOT NULL,
	`invited_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`accepted_at` integer,
	`revoked_at` integer,
	FOREIGN KEY (`invited_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "invitations_role" CHECK("invitations"."role" in ('member', 'admin'))
);
CREATE TABLE `keys` (
	`id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`holder_id` text NOT NULL,
	`tool_id` text NOT NULL,
	`environment` text NOT NULL,
	`status` text NOT NULL,
	`hash` text,
	`prefix` text,
	`created_at` integer NOT NULL,
	`revealed_at` integer,
	`last_used_at` integer,
	`revoked_at` integer,
	`revoked_by` text,
	`revocation_reason` text,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`holder_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`tool_id`) REFERENCES `tools`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`revoked_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "keys_environment" CHECK("keys"."environment" in ('development', 'staging', 'production')),
	CONSTRAINT "keys_status" CHECK("keys"."status" in ('PENDING', 'ACTIVE', 'REJECTED', 'REVOKED')),
	CONSTRAINT "keys_secret_whole" CHECK(("keys"."hash" is null) = ("keys"."prefix" is null) and ("keys"."hash" is null) = ("keys"."revealed_at" is null)),
	CONSTRAINT "keys_no_secret_before_active" CHECK("keys"."status" in ('ACTIVE', 'REVOKED') or "keys"."hash" is null),
	CONSTRAINT "keys_revoked_when" CHECK(("keys"."status" = 'REVOKED') = ("keys"."revoked_at" is not null)),
	CONSTRAINT "keys_used_is_revealed" CHECK("keys"."last_used_at" is null or "keys"."hash" is not null)
);
CREATE TABLE `requests` (
	`id` text PRIMARY KEY NOT NULL,
	`requester_id` text NOT NULL,
	`purpose` text NOT NULL,
	`created_at` integer NOT NULL,
	`decision` text,
	`decided_at` integer,
	`decided_by` text,
	`reason` text,
	FOREIGN KEY (`requester_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`decided_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "requests_decision" CHECK("requests"."decision" is null or "requests"."decision" in ('auto-issued', 'approved', 'rejected', 'withdrawn')),
	CONSTRAINT "requests_decided_whole" CHECK(("requests"."decision" is null) = ("requests"."decided_at" is null)),
	CONSTRAINT "requests_rejection_reason" CHECK("requests"."decision" is not 'rejected' or length("requests"."reason") > 0),
	CONSTRAINT "requests_purpose" CHECK(length("requests"."purpose") between 3 and 200)
);
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ends_at` integer NOT NULL,
	`address` text NOT NULL,
	`user_agent` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
CREATE TABLE `tool_credentials` (
	`tool_id` text PRIMARY KEY NOT NULL,
	`master_key_id` text NOT NULL,
	`nonce` blob NOT NULL,
	`sealed` blob NOT NULL,
	`set_at` integer NOT NULL,
	`set_by` text NOT NULL,
	FOREIGN KEY (`tool_id`) REFERENCES `tools`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`set_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
CREATE TABLE `tools` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`display_name` text NOT NULL,
	`requires_approval` integer NOT NULL,
	`dialect` text NOT NULL,
	`upstream_url` text,
	`preset` text,
	`credential_header` text,
	`needs_credential` integer NOT NULL,
	`allows_plain_http` integer DEFAULT false NOT NULL,
	`headers_timeout_ms` integer DEFAULT 600000 NOT NULL,
	`max_concurrent_per_key` integer,
	`max_concurrent` integer,
	`created_at` integer NOT NULL,
	`archived_at` integer,
	CONSTRAINT "tools_dialect" CHECK("tools"."dialect" in ('openai', 'anthropic', 'gemini', 'generic')),
	CONSTRAINT "tools_generic_header" CHECK("tools"."dialect" <> 'generic' or "tools"."needs_credential" = 0 or "tools"."credential_header" is not null)
);
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`password_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`disabled_at` integer,
	CONSTRAINT "users_role" CHECK("users"."role" in ('member', 'admin')),
	CONSTRAINT "users_email_folded" CHECK("users"."email" = lower(trim("users"."email")))
);
CREATE TABLE `master_key_in_use` (
	`only` integer PRIMARY KEY DEFAULT 1 NOT NULL,
	`key_id` text NOT NULL,
	`since` integer NOT NULL,
	CONSTRAINT "master_key_in_use_one" CHECK("master_key_in_use"."only" = 1)
);
INSERT INTO "schema_migrations" VALUES (0, '0000_first', '9a05a82e8b7adf02a59efe6986bd8e839484ce2fcd294219232089143495e954', 1795384643823);
INSERT INTO "schema_migrations" VALUES (1, '0001_audit_append_only', 'e6502667d328cfa38bb75b3abaa5e3673d4784c643ed09de3922ddbc83bd4b94', 1795384643827);
INSERT INTO "schema_migrations" VALUES (2, '0002_audit_and_register_indexes', '061f844af6f39fd249775202cfd62c2dbe8b87a02baee841a0d7f29d9c88d66d', 1795384643828);
INSERT INTO "schema_migrations" VALUES (3, '0003_audit_only_next', 'a8991388de17ea3d0cf629df1e3806444aadc849b54b6ece15484ff8fbbbf56d', 1795384643828);
INSERT INTO "schema_migrations" VALUES (4, '0004_master_key_in_use', 'a5a3f5a85ee77fda2f39f24dab696d0722fe9a61c3519acf451971debfa0dd52', 1795384643828);
INSERT INTO "schema_migrations" VALUES (5, '0005_keys_by_holder_and_status', '37060dc916790dbe3959122c9e803ccdfc77dc2c3a7e0ee406070446a3fde6e0', 1795384643828);
INSERT INTO "audit_entries" VALUES (1, 1795384643877, NULL, NULL, 'tool.created', 'tool:tool_x57h003uah6n98vw8rjv', NULL, 'tool_x57h003uah6n98vw8rjv', NULL, NULL, NULL, '{"dialect":"openai","displayName":"OpenAI","preset":"openai","requiresApproval":true,"slug":"openai","upstreamUrl":"https://api.openai.com"}', '0000000000000000000000000000000000000000000000000000000000000000', 'cc485c5701d6cfa68be11a6198166fe5ba96266a762842320465e44e71bc9822');
INSERT INTO "audit_entries" VALUES (2, 1795384643877, NULL, NULL, 'tool.created', 'tool:tool_vi4j4mkfa7ftsadr4067', NULL, 'tool_vi4j4mkfa7ftsadr4067', NULL, NULL, NULL, '{"dialect":"anthropic","displayName":"Anthropic","preset":"anthropic","requiresApproval":true,"slug":"anthropic","upstreamUrl":"https://api.anthropic.com"}', 'cc485c5701d6cfa68be11a6198166fe5ba96266a762842320465e44e71bc9822', '64de41f5e40ceda063469de2d2635ae25937ba06037e92b2b7c4dc7f210fc66b');
INSERT INTO "audit_entries" VALUES (3, 1795384643877, NULL, NULL, 'tool.created', 'tool:tool_axe7dz4zkaebnyi3av9s', NULL, 'tool_axe7dz4zkaebnyi3av9s', NULL, NULL, NULL, '{"dialect":"gemini","displayName":"Google Gemini","preset":"gemini","requiresApproval":true,"slug":"gemini","upstreamUrl":"https://generativelanguage.googleapis.com"}', '64de41f5e40ceda063469de2d2635ae25937ba06037e92b2b7c4dc7f210fc66b', 'b96b25039a44a3e9833b634e70319baf594309dd25c0a4c3dbc91b129a2718e8');
INSERT INTO "audit_entries" VALUES (4, 1795384643877, NULL, NULL, 'tool.created', 'tool:tool_6u824mnj7q91zcu0kj8q', NULL, 'tool_6u824mnj7q91zcu0kj8q', NULL, NULL, NULL, '{"dialect":"openai","displayName":"Mistral","preset":"mistral","requiresApproval":true,"slug":"mistral","upstreamUrl":"https://api.mistral.ai"}', 'b96b25039a44a3e9833b634e70319baf594309dd25c0a4c3dbc91b129a2718e8', '5fd8e52259f476c136dfef42779ed6725faf1f2a1288852330e06f65c99305a6');
INSERT INTO "audit_entries" VALUES (5, 1795384643877, NULL, NULL, 'tool.created', 'tool:tool_ass43fbkj0d6hzff9ebs', NULL, 'tool_ass43fbkj0d6hzff9ebs', NULL, NULL, NULL, '{"dialect":"openai","displayName":"Echo","preset":"echo","requiresApproval":false,"slug":"echo","upstreamUrl":null}', '5fd8e52259f476c136dfef42779ed6725faf1f2a1288852330e06f65c99305a6', 'f82d995402c69edcdc4e418be26d5a3613f106bb0c2ca2c7df4467832db3808b');
INSERT INTO "audit_entries" VALUES (6, 1795384644054, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'user.created', 'user:usr_7949hna5eauscc5avm3t', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{"email":"ada@example.com","firstAdmin":true,"role":"admin"}', 'f82d995402c69edcdc4e418be26d5a3613f106bb0c2ca2c7df4467832db3808b', '2d990c44269309144d55740b2c59dd5b19648bbdb03cf002e9c8dd70a6941f80');
INSERT INTO "audit_entries" VALUES (7, 1795384644055, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'session.started', 'user:usr_7949hna5eauscc5avm3t', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{}', '2d990c44269309144d55740b2c59dd5b19648bbdb03cf002e9c8dd70a6941f80', 'cb76888118ed315ea5856cb8ba8e0ada8c7bdd7e12d19e7f78945968c2e449fe');
INSERT INTO "audit_entries" VALUES (8, 1795384644062, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'user.invited', 'invitation:inv_yrai2geu8s5ifhr24kpd', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{"email":"bea@example.com","expiresAt":1795989444062,"role":"admin"}', 'cb76888118ed315ea5856cb8ba8e0ada8c7bdd7e12d19e7f78945968c2e449fe', '76d90ebaee5f15ec03aeac3a3f1d5112e5e53e8aa6de6bd4c47086f9114c3b2d');
INSERT INTO "audit_entries" VALUES (9, 1795384644071, 'usr_w57gf5q94md40gm7mib5', 'bea@example.com', 'user.joined', 'user:usr_w57gf5q94md40gm7mib5', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{"invitation":"inv_yrai2geu8s5ifhr24kpd","invitedBy":"usr_7949hna5eauscc5avm3t","role":"admin"}', '76d90ebaee5f15ec03aeac3a3f1d5112e5e53e8aa6de6bd4c47086f9114c3b2d', 'ab021719fd4f3744f565289cbd6749af2a6cf782577288ae054d09ac21d01eda');
INSERT INTO "audit_entries" VALUES (10, 1795384644119, 'usr_w57gf5q94md40gm7mib5', 'bea@example.com', 'session.started', 'user:usr_w57gf5q94md40gm7mib5', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{}', 'ab021719fd4f3744f565289cbd6749af2a6cf782577288ae054d09ac21d01eda', '1185b5e25429fe075614c8ed9d96cc105b4ec8f0030eaf5c101a65260a4535a0');
INSERT INTO "audit_entries" VALUES (11, 1795384644126, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'user.invited', 'invitation:inv_329qkfq05npswzbp41ni', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{"email":"mara@example.com","expiresAt":1795989444126,"role":"member"}', '1185b5e25429fe075614c8ed9d96cc105b4ec8f0030eaf5c101a65260a4535a0', 'd12660a67ef758915d975a6894c4912eceef74623d31b9e3a38cfee646bdc00b');
INSERT INTO "audit_entries" VALUES (12, 1795384644129, 'usr_eiasgxt3gpw5q20jma7h', 'mara@example.com', 'user.joined', 'user:usr_eiasgxt3gpw5q20jma7h', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{"invitation":"inv_329qkfq05npswzbp41ni","invitedBy":"usr_7949hna5eauscc5avm3t","role":"member"}', 'd12660a67ef758915d975a6894c4912eceef74623d31b9e3a38cfee646bdc00b', 'b3a7eb68666991f57e491baf7a65d1b1010fc7dad48d8165becd25531dcd4fa5');
INSERT INTO "audit_entries" VALUES (13, 1795384644164, 'usr_eiasgxt3gpw5q20jma7h', 'mara@example.com', 'session.started', 'user:usr_eiasgxt3gpw5q20jma7h', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{}', 'b3a7eb68666991f57e491baf7a65d1b1010fc7dad48d8165becd25531dcd4fa5', '6c218a60b3224bd75d3b135932c2daa1f7be85bba0ccd2c2027558ee3fbf5c50');
INSERT INTO "audit_entries" VALUES (14, 1795384644168, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'user.invited', 'invitation:inv_vi11e5xhpuf0xbgrkzm3', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{"email":"otto@example.com","expiresAt":1795989444168,"role":"member"}', '6c218a60b3224bd75d3b135932c2daa1f7be85bba0ccd2c2027558ee3fbf5c50', 'f8936231ab9857ed1e9eee6b8252fdada3854c1e5b29489e675b5356861dc3a7');
INSERT INTO "audit_entries" VALUES (15, 1795384644170, 'usr_k5f494ru2j0fag3w080k', 'otto@example.com', 'user.joined', 'user:usr_k5f494ru2j0fag3w080k', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{"invitation":"inv_vi11e5xhpuf0xbgrkzm3","invitedBy":"usr_7949hna5eauscc5avm3t","role":"member"}', 'f8936231ab9857ed1e9eee6b8252fdada3854c1e5b29489e675b5356861dc3a7', '41d4805285e6767ca7dd20656f70ed04cc441117872f4d552a67a3ac2896903f');
INSERT INTO "audit_entries" VALUES (16, 1795384644234, 'usr_k5f494ru2j0fag3w080k', 'otto@example.com', 'session.started', 'user:usr_k5f494ru2j0fag3w080k', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{}', '41d4805285e6767ca7dd20656f70ed04cc441117872f4d552a67a3ac2896903f', '962690555151b4c13480e6a1d42947b30bf607197157993d7aaa4b046f249d40');
INSERT INTO "audit_entries" VALUES (17, 1795384644242, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'credential.set', 'tool:tool_x57h003uah6n98vw8rjv', NULL, 'tool_x57h003uah6n98vw8rjv', '127.0.0.1', 'tests', 'call_test', '{"replaced":false,"tool":"openai"}', '962690555151b4c13480e6a1d42947b30bf607197157993d7aaa4b046f249d40', 'b600cc69f261ade20d7da80ac8edb214e3b61c0554f859585e5c0924ff04e149');
INSERT INTO "audit_entries" VALUES (18, 1795384644252, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'credential.set', 'tool:tool_6u824mnj7q91zcu0kj8q', NULL, 'tool_6u824mnj7q91zcu0kj8q', '127.0.0.1', 'tests', 'call_test', '{"replaced":false,"tool":"mistral"}', 'b600cc69f261ade20d7da80ac8edb214e3b61c0554f859585e5c0924ff04e149', '0cc3018c90e4a329b04b150bb4fbccd7e9e27c3ed0ed5a65b37e9e3383b14716');
INSERT INTO "audit_entries" VALUES (19, 1795384644293, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'tool.approval_waived', 'tool:tool_6u824mnj7q91zcu0kj8q', NULL, 'tool_6u824mnj7q91zcu0kj8q', '127.0.0.1', 'tests', 'call_test', '{"tool":"mistral"}', '0cc3018c90e4a329b04b150bb4fbccd7e9e27c3ed0ed5a65b37e9e3383b14716', '57aac9949c4724139ac747a0ffe4e1c08dab427f0f0ed5f4c34edb71cb8c687b');
INSERT INTO "audit_entries" VALUES (20, 1795384644304, 'usr_eiasgxt3gpw5q20jma7h', 'mara@example.com', 'key.issued', 'key:key_0bxksmd3ungi23txiz2u', 'key_0bxksmd3ungi23txiz2u', 'tool_x57h003uah6n98vw8rjv', '127.0.0.1', 'tests', 'call_test', '{"environment":"development","prefix":"aik_dev_pudGFr","purpose":"the work of usr_eias","tool":"openai"}', '57aac9949c4724139ac747a0ffe4e1c08dab427f0f0ed5f4c34edb71cb8c687b', '2929266294e184962f9e0092cebd090e90fd0da5855e0e5419f80ae1eb4e0b72');
INSERT INTO "audit_entries" VALUES (21, 1795384644315, 'usr_eiasgxt3gpw5q20jma7h', 'mara@example.com', 'key.requested', 'key:key_7h1e0dtke4p7md7gr3qu', 'key_7h1e0dtke4p7md7gr3qu', 'tool_x57h003uah6n98vw8rjv', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","purpose":"the work of usr_eias","tool":"openai"}', '2929266294e184962f9e0092cebd090e90fd0da5855e0e5419f80ae1eb4e0b72', '0b01c3918d3e43914a368c1e494de56afe07d2a5f41ea8d4e251ed16828fb512');
INSERT INTO "audit_entries" VALUES (22, 1795384644326, 'usr_w57gf5q94md40gm7mib5', 'bea@example.com', 'key.approved', 'key:key_7h1e0dtke4p7md7gr3qu', 'key_7h1e0dtke4p7md7gr3qu', 'tool_x57h003uah6n98vw8rjv', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","holder":"usr_eiasgxt3gpw5q20jma7h","purpose":"the work of usr_eias","tool":"openai"}', '0b01c3918d3e43914a368c1e494de56afe07d2a5f41ea8d4e251ed16828fb512', 'ee387a9bf7aed20add1e790513e49397667d57531d08dcaa8c2549d5589e80ed');
INSERT INTO "audit_entries" VALUES (23, 1795384644337, 'usr_eiasgxt3gpw5q20jma7h', 'mara@example.com', 'key.revealed', 'key:key_7h1e0dtke4p7md7gr3qu', 'key_7h1e0dtke4p7md7gr3qu', 'tool_x57h003uah6n98vw8rjv', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","prefix":"aik_prod_UYRFX8","purpose":"the work of usr_eias","tool":"openai"}', 'ee387a9bf7aed20add1e790513e49397667d57531d08dcaa8c2549d5589e80ed', '23069ce2830468792f813dc450f471713c261875d9affb143630c4cf470d4033');
INSERT INTO "audit_entries" VALUES (24, 1795384644356, 'usr_k5f494ru2j0fag3w080k', 'otto@example.com', 'key.requested', 'key:key_mm5i13b5gfn95j1gi1t1', 'key_mm5i13b5gfn95j1gi1t1', 'tool_vi4j4mkfa7ftsadr4067', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","purpose":"the work of usr_k5f4","tool":"anthropic"}', '23069ce2830468792f813dc450f471713c261875d9affb143630c4cf470d4033', 'f3c033aa54047847401218411eb3c83bd47e8f09e0d2aeae828a5bb8cd6a9ef7');
INSERT INTO "audit_entries" VALUES (25, 1795384644376, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'key.approved', 'key:key_mm5i13b5gfn95j1gi1t1', 'key_mm5i13b5gfn95j1gi1t1', 'tool_vi4j4mkfa7ftsadr4067', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","holder":"usr_k5f494ru2j0fag3w080k","purpose":"the work of usr_k5f4","tool":"anthropic"}', 'f3c033aa54047847401218411eb3c83bd47e8f09e0d2aeae828a5bb8cd6a9ef7', 'c4bd96bf6c7b0c1665966931ce8c306b50a6b2ee6fb6b6e2c4f5cc14cdf12e0a');
INSERT INTO "audit_entries" VALUES (26, 1795384644386, 'usr_eiasgxt3gpw5q20jma7h', 'mara@example.com', 'key.requested', 'key:key_e7w5wa0v6xb6pyptgv1r', 'key_e7w5wa0v6xb6pyptgv1r', 'tool_axe7dz4zkaebnyi3av9s', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","purpose":"the work of usr_eias","tool":"gemini"}', 'c4bd96bf6c7b0c1665966931ce8c306b50a6b2ee6fb6b6e2c4f5cc14cdf12e0a', '0b33c12b08f0723373b7618423f58b18a4656b932c416649895a5d364ee871f6');
INSERT INTO "audit_entries" VALUES (27, 1795384644392, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'key.rejected', 'key:key_e7w5wa0v6xb6pyptgv1r', 'key_e7w5wa0v6xb6pyptgv1r', 'tool_axe7dz4zkaebnyi3av9s', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","holder":"usr_eiasgxt3gpw5q20jma7h","purpose":"the work of usr_eias","reason":"Use the staging key.","tool":"gemini"}', '0b33c12b08f0723373b7618423f58b18a4656b932c416649895a5d364ee871f6', 'dc88613f2834316d9e86960c4097e4eabc3d813fbfac3e94376ab59df631429d');
INSERT INTO "audit_entries" VALUES (28, 1795384644397, 'usr_eiasgxt3gpw5q20jma7h', 'mara@example.com', 'key.requested', 'key:key_m54qq2dpxtcu7jvzb3ce', 'key_m54qq2dpxtcu7jvzb3ce', 'tool_vi4j4mkfa7ftsadr4067', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","purpose":"the work of usr_eias","tool":"anthropic"}', 'dc88613f2834316d9e86960c4097e4eabc3d813fbfac3e94376ab59df631429d', '3163118337ed94bffc80f0a6e330260ecc5bf025a48e24b8cf6f4f3d6894058a');
INSERT INTO "audit_entries" VALUES (29, 1795384644414, 'usr_eiasgxt3gpw5q20jma7h', 'mara@example.com', 'key.withdrawn', 'key:key_m54qq2dpxtcu7jvzb3ce', 'key_m54qq2dpxtcu7jvzb3ce', 'tool_vi4j4mkfa7ftsadr4067', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","purpose":"the work of usr_eias","tool":"anthropic"}', '3163118337ed94bffc80f0a6e330260ecc5bf025a48e24b8cf6f4f3d6894058a', '047c13b38be8b59714e1cbdb02231e25539330796d1ac841c897eaedff65efbc');
INSERT INTO "audit_entries" VALUES (30, 1795384644428, 'usr_eiasgxt3gpw5q20jma7h', 'mara@example.com', 'key.issued', 'key:key_vr0jpm2ufcmvgnpih4jt', 'key_vr0jpm2ufcmvgnpih4jt', 'tool_ass43fbkj0d6hzff9ebs', '127.0.0.1', 'tests', 'call_test', '{"environment":"development","prefix":"aik_dev_kTR5D8","purpose":"the work of usr_eias","tool":"echo"}', '047c13b38be8b59714e1cbdb02231e25539330796d1ac841c897eaedff65efbc', '700beca684dd97f33b3091961e0b10c56ddc31a08a6ee6fb76fc7bd5a8637d21');
INSERT INTO "audit_entries" VALUES (31, 1795384644440, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'key.revoked', 'key:key_vr0jpm2ufcmvgnpih4jt', 'key_vr0jpm2ufcmvgnpih4jt', 'tool_ass43fbkj0d6hzff9ebs', '127.0.0.1', 'tests', 'call_test', '{"environment":"development","holder":"usr_eiasgxt3gpw5q20jma7h","prefix":"aik_dev_kTR5D8","purpose":"the work of usr_eias","reason":"It was in a log.","tool":"echo"}', '700beca684dd97f33b3091961e0b10c56ddc31a08a6ee6fb76fc7bd5a8637d21', 'c2ca0231b14416be0dd72a9e5b175705ed60b918288b498f71f706b1940d1bd0');
INSERT INTO "audit_entries" VALUES (32, 1795384644468, 'usr_eiasgxt3gpw5q20jma7h', 'mara@example.com', 'key.requested', 'key:key_g8q4vgun6hwy7f1zsvka', 'key_g8q4vgun6hwy7f1zsvka', 'tool_axe7dz4zkaebnyi3av9s', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","purpose":"the work of usr_eias","tool":"gemini"}', 'c2ca0231b14416be0dd72a9e5b175705ed60b918288b498f71f706b1940d1bd0', '444fd3cbdd4b4eb2e7aed886471b7dc009cbdcb16556755adc558cd0b0c87194');
INSERT INTO "audit_entries" VALUES (33, 1795384644490, 'usr_w57gf5q94md40gm7mib5', 'bea@example.com', 'key.issued', 'key:key_6zqxdj181q6xsacq75a1', 'key_6zqxdj181q6xsacq75a1', 'tool_6u824mnj7q91zcu0kj8q', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","prefix":"aik_prod_wbKC4m","purpose":"the work of usr_w57g","tool":"mistral"}', '444fd3cbdd4b4eb2e7aed886471b7dc009cbdcb16556755adc558cd0b0c87194', 'e24e801b52d02d155707323fedcf90c4f685c4808270c8d9e37df7a1c088a80d');
INSERT INTO "audit_entries" VALUES (34, 1795384644505, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'tool.archived', 'tool:tool_6u824mnj7q91zcu0kj8q', NULL, 'tool_6u824mnj7q91zcu0kj8q', '127.0.0.1', 'tests', 'call_test', '{"tool":"mistral"}', 'e24e801b52d02d155707323fedcf90c4f685c4808270c8d9e37df7a1c088a80d', '0a17235d63981e42ae837ec6226e6e97771f960a3d5b35083b97ef25d6d44e05');
INSERT INTO "audit_entries" VALUES (35, 1795384644522, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'user.invited', 'invitation:inv_w7nkmeqpezh742px2d6c', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{"email":"invited@example.com","expiresAt":1795989444522,"role":"member"}', '0a17235d63981e42ae837ec6226e6e97771f960a3d5b35083b97ef25d6d44e05', 'bc403d727fc7223bddfe49aacae78093e765b8667245c37ca0682f08f2d37f28');
INSERT INTO "audit_entries" VALUES (36, 1795384644527, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'user.disabled', 'user:usr_k5f494ru2j0fag3w080k', NULL, NULL, '127.0.0.1', 'tests', 'call_test', '{"email":"otto@example.com","invitationsRevoked":0,"reason":"Has left.","sessionsEnded":1}', 'bc403d727fc7223bddfe49aacae78093e765b8667245c37ca0682f08f2d37f28', '7582580c8bd3567e1de9d232a8d6e3fc8c66472bf88b8553566987d058fd217d');
INSERT INTO "audit_entries" VALUES (37, 1795384644527, 'usr_7949hna5eauscc5avm3t', 'ada@example.com', 'key.revoked', 'key:key_mm5i13b5gfn95j1gi1t1', 'key_mm5i13b5gfn95j1gi1t1', 'tool_vi4j4mkfa7ftsadr4067', '127.0.0.1', 'tests', 'call_test', '{"environment":"production","holder":"usr_k5f494ru2j0fag3w080k","purpose":"the work of usr_k5f4","reason":"Has left.","tool":"anthropic"}', '7582580c8bd3567e1de9d232a8d6e3fc8c66472bf88b8553566987d058fd217d', '4b9ebb5ccd04f36d8fa36cd0687d6c47b4dd939ce9636a1b3a5e5d43df547431');
INSERT INTO "invitations" VALUES ('inv_yrai2geu8s5ifhr24kpd', 'bb5fcb618666c7498a83c8ae68fe5fb47fc9b0bfbabfebff4bd1c217ff21d898', 'bea@example.com', 'admin', 'usr_7949hna5eauscc5avm3t', 1795384644062, 1795989444062, 1795384644071, NULL);
INSERT INTO "invitations" VALUES ('inv_329qkfq05npswzbp41ni', '6c35cc46ca74ff3e86c25c03e434c3df66f7ca1699d35b98a5f9f15f16dafcf1', 'mara@example.com', 'member', 'usr_7949hna5eauscc5avm3t', 1795384644126, 1795989444126, 1795384644129, NULL);
INSERT INTO "invitations" VALUES ('inv_vi11e5xhpuf0xbgrkzm3', '290528c3d34ba515ad244f36298bff66c9bb5fce28c128998bd2f1ed57c603f0', 'otto@example.com', 'member', 'usr_7949hna5eauscc5avm3t', 1795384644168, 1795989444168, 1795384644170, NULL);
INSERT INTO "invitations" VALUES ('inv_w7nkmeqpezh742px2d6c', 'a47111068d8e77f5f312926a12fd5be4c3dc586d8c2e42092e9a9a2e657185f6', 'invited@example.com', 'member', 'usr_7949hna5eauscc5avm3t', 1795384644522, 1795989444522, NULL, NULL);
INSERT INTO "keys" VALUES ('key_0bxksmd3ungi23txiz2u', 'req_v9hbid8c7wckbi7zj9pk', 'usr_eiasgxt3gpw5q20jma7h', 'tool_x57h003uah6n98vw8rjv', 'development', 'ACTIVE', '2a7a3bfc91d9e85735b877318c6cab8805b030226c7b8c4d784de79f704aea46', 'aik_dev_pudGFr', 1795384644304, 1795384644304, NULL, NULL, NULL, NULL);
INSERT INTO "keys" VALUES ('key_7h1e0dtke4p7md7gr3qu', 'req_k7gdy3qzbzw3u0ucr59x', 'usr_eiasgxt3gpw5q20jma7h', 'tool_x57h003uah6n98vw8rjv', 'production', 'ACTIVE', '5eb41deb7a0cd8c58ebbc7ac66281128985a2392264f0fa28d3f33323367567b', 'aik_prod_UYRFX8', 1795384644315, 1795384644337, 1795384644539, NULL, NULL, NULL);
INSERT INTO "keys" VALUES ('key_mm5i13b5gfn95j1gi1t1', 'req_y58vzjaw3hmvc4qkbkyh', 'usr_k5f494ru2j0fag3w080k', 'tool_vi4j4mkfa7ftsadr4067', 'production', 'REVOKED', NULL, NULL, 1795384644356, NULL, NULL, 1795384644527, 'usr_7949hna5eauscc5avm3t', 'Has left.');
INSERT INTO "keys" VALUES ('key_e7w5wa0v6xb6pyptgv1r', 'req_e7d3bn0bqcuw13nrm62b', 'usr_eiasgxt3gpw5q20jma7h', 'tool_axe7dz4zkaebnyi3av9s', 'production', 'REJECTED', NULL, NULL, 1795384644386, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "keys" VALUES ('key_m54qq2dpxtcu7jvzb3ce', 'req_553xihasw7kizg4ufu72', 'usr_eiasgxt3gpw5q20jma7h', 'tool_vi4j4mkfa7ftsadr4067', 'production', 'REVOKED', NULL, NULL, 1795384644397, NULL, NULL, 1795384644414, 'usr_eiasgxt3gpw5q20jma7h', NULL);
INSERT INTO "keys" VALUES ('key_vr0jpm2ufcmvgnpih4jt', 'req_jw1pgc72w0t6uy4e4zp0', 'usr_eiasgxt3gpw5q20jma7h', 'tool_ass43fbkj0d6hzff9ebs', 'development', 'REVOKED', '261b75345230d95e53125424235155e93cd4984af40dcd3d8aaf234c4375edee', 'aik_dev_kTR5D8', 1795384644428, 1795384644428, NULL, 1795384644440, 'usr_7949hna5eauscc5avm3t', 'It was in a log.');
INSERT INTO "keys" VALUES ('key_g8q4vgun6hwy7f1zsvka', 'req_bfj7qt1a3tphzugfeit2', 'usr_eiasgxt3gpw5q20jma7h', 'tool_axe7dz4zkaebnyi3av9s', 'production', 'PENDING', NULL, NULL, 1795384644468, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "keys" VALUES ('key_6zqxdj181q6xsacq75a1', 'req_8qdz4rs1np4xshrh9639', 'usr_w57gf5q94md40gm7mib5', 'tool_6u824mnj7q91zcu0kj8q', 'production', 'ACTIVE', '447187330a4921edc2228c850a11b7b39fef5ba36ec9aa456e8870254c6f5437', 'aik_prod_wbKC4m', 1795384644490, 1795384644490, NULL, NULL, NULL, NULL);
INSERT INTO "requests" VALUES ('req_v9hbid8c7wckbi7zj9pk', 'usr_eiasgxt3gpw5q20jma7h', 'the work of usr_eias', 1795384644304, 'auto-issued', 1795384644304, NULL, NULL);
INSERT INTO "requests" VALUES ('req_k7gdy3qzbzw3u0ucr59x', 'usr_eiasgxt3gpw5q20jma7h', 'the work of usr_eias', 1795384644315, 'approved', 1795384644326, 'usr_w57gf5q94md40gm7mib5', NULL);
INSERT INTO "requests" VALUES ('req_y58vzjaw3hmvc4qkbkyh', 'usr_k5f494ru2j0fag3w080k', 'the work of usr_k5f4', 1795384644356, 'approved', 1795384644376, 'usr_7949hna5eauscc5avm3t', NULL);
INSERT INTO "requests" VALUES ('req_e7d3bn0bqcuw13nrm62b', 'usr_eiasgxt3gpw5q20jma7h', 'the work of usr_eias', 1795384644386, 'rejected', 1795384644392, 'usr_7949hna5eauscc5avm3t', 'Use the staging key.');
INSERT INTO "requests" VALUES ('req_553xihasw7kizg4ufu72', 'usr_eiasgxt3gpw5q20jma7h', 'the work of usr_eias', 1795384644397, 'withdrawn', 1795384644414, 'usr_eiasgxt3gpw5q20jma7h', NULL);
INSERT INTO "requests" VALUES ('req_jw1pgc72w0t6uy4e4zp0', 'usr_eiasgxt3gpw5q20jma7h', 'the work of usr_eias', 1795384644428, 'auto-issued', 1795384644428, NULL, NULL);
INSERT INTO "requests" VALUES ('req_bfj7qt1a3tphzugfeit2', 'usr_eiasgxt3gpw5q20jma7h', 'the work of usr_eias', 1795384644468, NULL, NULL, NULL, NULL);
INSERT INTO "requests" VALUES ('req_8qdz4rs1np4xshrh9639', 'usr_w57gf5q94md40gm7mib5', 'the work of usr_w57g', 1795384644490, 'auto-issued', 1795384644490, NULL, NULL);
INSERT INTO "sessions" VALUES ('e18ae6f027a6c97e24a6c8fd788ac75dfbaf1a9b7ccc73e59e8cce27fbdd0aab', 'usr_7949hna5eauscc5avm3t', 1795384644055, 1795989444056, 1797976644055, '127.0.0.1', 'tests');
INSERT INTO "sessions" VALUES ('486f1d2e96a54e031b4a40f8b005e5bcda8781c5c65bdea63f56dd3e7e6e4619', 'usr_w57gf5q94md40gm7mib5', 1795384644119, 1795989444119, 1797976644119, '127.0.0.1', 'tests');
INSERT INTO "sessions" VALUES ('bc75f1464fcdb21cf8f1c4f094f9c6bebb49cb5eebedc509a232fd90123475dd', 'usr_eiasgxt3gpw5q20jma7h', 1795384644164, 1795989444164, 1797976644164, '127.0.0.1', 'tests');
INSERT INTO "tool_credentials" VALUES ('tool_x57h003uah6n98vw8rjv', 'mk_b80bd0a049ff6838', X'DF51588405B4E89DD65349A1', X'279A7809F09E82BBAB8D0FACBED11C516B5E12CD102740EF5DA2328B40F67847FF29EA28A2822640B4674A9B88559B0DF34B049586F791F7', 1795384644242, 'usr_7949hna5eauscc5avm3t');
INSERT INTO "tool_credentials" VALUES ('tool_6u824mnj7q91zcu0kj8q', 'mk_b80bd0a049ff6838', X'E52CC9B0BDE3E63BEC26ABE8', X'C5566D29C3F85A0B13CEFD403997C701097F69EB1D43E0', 1795384644252, 'usr_7949hna5eauscc5avm3t');
INSERT INTO "tools" VALUES ('tool_x57h003uah6n98vw8rjv', 'openai', 'OpenAI', 1, 'openai', 'https://api.openai.com', 'openai', NULL, 1, 0, 600000, NULL, NULL, 1795384643877, NULL);
INSERT INTO "tools" VALUES ('tool_vi4j4mkfa7ftsadr4067', 'anthropic', 'Anthropic', 1, 'anthropic', 'https://api.anthropic.com', 'anthropic', NULL, 1, 0, 600000, NULL, NULL, 1795384643877, NULL);
INSERT INTO "tools" VALUES ('tool_axe7dz4zkaebnyi3av9s', 'gemini', 'Google Gemini', 1, 'gemini', 'https://generativelanguage.googleapis.com', 'gemini', NULL, 1, 0, 600000, NULL, NULL, 1795384643877, NULL);
INSERT INTO "tools" VALUES ('tool_6u824mnj7q91zcu0kj8q', 'mistral', 'Mistral', 0, 'openai', 'https://api.mistral.ai', 'mistral', NULL, 1, 0, 600000, NULL, NULL, 1795384643877, 1795384644505);
INSERT INTO "tools" VALUES ('tool_ass43fbkj0d6hzff9ebs', 'echo', 'Echo', 0, 'openai', NULL, 'echo', NULL, 0, 0, 600000, NULL, NULL, 1795384643877, NULL);
INSERT INTO "users" VALUES ('usr_7949hna5eauscc5avm3t', 'ada@example.com', 'Ada', 'admin', '$argon2id$v=19$m=19456,t=2,p=1$wHsyRty/zFCscMNTPaCShw$u9j3DZpGidFcCGvI2o7xswTUWQ55zqYtltJ3crAvl5w', 1795384644054, NULL);
INSERT INTO "users" VALUES ('usr_w57gf5q94md40gm7mib5', 'bea@example.com', 'bea', 'admin', '$argon2id$v=19$m=19456,t=2,p=1$MZCYP/STWsHNEVmoCeDREg$UTX0dYaYOZS4TMQUqBfCnbRcBSge9X+caVhKrhmeSm8', 1795384644071, NULL);
INSERT INTO "users" VALUES ('usr_eiasgxt3gpw5q20jma7h', 'mara@example.com', 'mara', 'member', '$argon2id$v=19$m=19456,t=2,p=1$dnTBUzm4DZQ0Bn1acUwAmg$jCOhx4ODb+cM3wEWd/DB6DgKdmUEF16BV1yNY5jgRf4', 1795384644129, NULL);
INSERT INTO "users" VALUES ('usr_k5f494ru2j0fag3w080k', 'otto@example.com', 'otto', 'member', '$argon2id$v=19$m=19456,t=2,p=1$PziokKUA6JrV+FjBA9O7ug$AQS/uR6KS8kuoD9FOKZXRzT8yc+KGI8eOtPw4CIrCvA', 1795384644170, 1795384644527);
INSERT INTO "master_key_in_use" VALUES (1, 'mk_b80bd0a049ff6838', 1795384643864);
CREATE UNIQUE INDEX `invitations_token_hash` ON `invitations` (`token_hash`);
CREATE UNIQUE INDEX `invitations_open_email` ON `invitations` (`email`) WHERE "invitations"."accepted_at" is null and "invitations"."revoked_at" is null;
CREATE INDEX `invitations_created` ON `invitations` (`created_at`);
CREATE UNIQUE INDEX `keys_request` ON `keys` (`request_id`);
CREATE UNIQUE INDEX `keys_hash` ON `keys` (`hash`);
CREATE UNIQUE INDEX `keys_one_live` ON `keys` (`holder_id`,`tool_id`,`environment`) WHERE "keys"."status" in ('PENDING', 'ACTIVE');
CREATE INDEX `keys_holder` ON `keys` (`holder_id`,`created_at`);
CREATE INDEX `keys_pending` ON `keys` (`created_at`) WHERE "keys"."status" = 'PENDING';
CREATE INDEX `requests_requester` ON `requests` (`requester_id`,`created_at`);
CREATE INDEX `sessions_user` ON `sessions` (`user_id`);
CREATE INDEX `sessions_expiry` ON `sessions` (`expires_at`);
CREATE UNIQUE INDEX `tools_slug` ON `tools` (`slug`);
CREATE UNIQUE INDEX `users_email` ON `users` (`email`);
CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
CREATE INDEX `audit_actor_email` ON `audit_entries` (`actor_email`,`seq`,`at`);
CREATE INDEX `audit_actor` ON `audit_entries` (`actor_id`,`seq`,`at`);
CREATE INDEX `audit_action` ON `audit_entries` (`action`,`seq`,`at`);
CREATE INDEX `audit_key` ON `audit_entries` (`key_id`,`seq`,`at`);
CREATE INDEX `audit_tool` ON `audit_entries` (`tool_id`,`seq`,`at`);
CREATE INDEX `audit_at` ON `audit_entries` (`at`,`seq`);
CREATE INDEX `keys_created` ON `keys` (`created_at`,`id`);
CREATE INDEX `keys_status` ON `keys` (`status`,`created_at`,`id`);
CREATE INDEX `keys_prefix` ON `keys` (`prefix`);
CREATE INDEX `keys_tool` ON `keys` (`tool_id`,`created_at`);
CREATE TRIGGER audit_entries_only_next BEFORE INSERT ON audit_entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit_entries)
  OR NEW.previous_hash IS NOT coalesce(
    (SELECT hash FROM audit_entries ORDER BY seq DESC LIMIT 1),
    '0000000000000000000000000000000000000000000000000000000000000000'
  )
BEGIN
  SELECT RAISE(ABORT, 'the audit trail only takes its next entry');
END;
CREATE INDEX `keys_holder_status` ON `keys` (`holder_id`,`status`);

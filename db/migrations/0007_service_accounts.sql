CREATE TABLE `service_accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`purpose` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`disabled_at` integer,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "service_accounts_name_length" CHECK(length("service_accounts"."name") between 2 and 60),
	CONSTRAINT "service_accounts_name_plain" CHECK("service_accounts"."name" not glob '*[^A-Za-z0-9 ._/-]*'),
	CONSTRAINT "service_accounts_purpose" CHECK(length("service_accounts"."purpose") between 3 and 200)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `service_accounts_name` ON `service_accounts` (lower("name"));--> statement-breakpoint
-- A key is held by a person or by a service account. SQLite cannot take NOT NULL from a column or add a CHECK, so the
-- table is made anew with every row, index and CHECK that it had. Nothing refers to it, and the migrator has foreign
-- keys off until it has checked them.
CREATE TABLE `__new_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`holder_id` text,
	`service_account_id` text,
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
	FOREIGN KEY (`service_account_id`) REFERENCES `service_accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`tool_id`) REFERENCES `tools`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`revoked_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "keys_one_holder" CHECK(("__new_keys"."holder_id" is null) <> ("__new_keys"."service_account_id" is null)),
	CONSTRAINT "keys_service_issued" CHECK("__new_keys"."service_account_id" is null or "__new_keys"."hash" is not null),
	CONSTRAINT "keys_environment" CHECK("__new_keys"."environment" in ('development', 'staging', 'production')),
	CONSTRAINT "keys_status" CHECK("__new_keys"."status" in ('PENDING', 'ACTIVE', 'REJECTED', 'REVOKED')),
	CONSTRAINT "keys_secret_whole" CHECK(("__new_keys"."hash" is null) = ("__new_keys"."prefix" is null) and ("__new_keys"."hash" is null) = ("__new_keys"."revealed_at" is null)),
	CONSTRAINT "keys_no_secret_before_active" CHECK("__new_keys"."status" in ('ACTIVE', 'REVOKED') or "__new_keys"."hash" is null),
	CONSTRAINT "keys_revoked_when" CHECK(("__new_keys"."status" = 'REVOKED') = ("__new_keys"."revoked_at" is not null)),
	CONSTRAINT "keys_used_is_revealed" CHECK("__new_keys"."last_used_at" is null or "__new_keys"."hash" is not null)
);
--> statement-breakpoint
INSERT INTO `__new_keys`("id", "request_id", "holder_id", "tool_id", "environment", "status", "hash", "prefix", "created_at", "revealed_at", "last_used_at", "revoked_at", "revoked_by", "revocation_reason") SELECT "id", "request_id", "holder_id", "tool_id", "environment", "status", "hash", "prefix", "created_at", "revealed_at", "last_used_at", "revoked_at", "revoked_by", "revocation_reason" FROM `keys`;--> statement-breakpoint
DROP TABLE `keys`;--> statement-breakpoint
ALTER TABLE `__new_keys` RENAME TO `keys`;--> statement-breakpoint
CREATE UNIQUE INDEX `keys_request` ON `keys` (`request_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `keys_hash` ON `keys` (`hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `keys_one_live` ON `keys` (`holder_id`,`tool_id`,`environment`) WHERE "keys"."status" in ('PENDING', 'ACTIVE');--> statement-breakpoint
CREATE INDEX `keys_holder` ON `keys` (`holder_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `keys_holder_status` ON `keys` (`holder_id`,`status`);--> statement-breakpoint
CREATE INDEX `keys_service_account` ON `keys` (`service_account_id`,`created_at`) WHERE "keys"."service_account_id" is not null;--> statement-breakpoint
CREATE INDEX `keys_tool` ON `keys` (`tool_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `keys_created` ON `keys` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `keys_status` ON `keys` (`status`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `keys_prefix` ON `keys` (`prefix`);--> statement-breakpoint
CREATE INDEX `keys_pending` ON `keys` (`created_at`) WHERE "keys"."status" = 'PENDING';
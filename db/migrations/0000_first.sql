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
--> statement-breakpoint
CREATE UNIQUE INDEX `audit_hash` ON `audit_entries` (`hash`);--> statement-breakpoint
CREATE INDEX `audit_actor` ON `audit_entries` (`actor_id`,`seq`);--> statement-breakpoint
CREATE INDEX `audit_action` ON `audit_entries` (`action`,`seq`);--> statement-breakpoint
CREATE INDEX `audit_key` ON `audit_entries` (`key_id`,`seq`);--> statement-breakpoint
CREATE INDEX `audit_tool` ON `audit_entries` (`tool_id`,`seq`);--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit_entries` (`at`);--> statement-breakpoint
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
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_token_hash` ON `invitations` (`token_hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_open_email` ON `invitations` (`email`) WHERE "invitations"."accepted_at" is null and "invitations"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX `invitations_created` ON `invitations` (`created_at`);--> statement-breakpoint
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
--> statement-breakpoint
CREATE UNIQUE INDEX `keys_request` ON `keys` (`request_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `keys_hash` ON `keys` (`hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `keys_one_live` ON `keys` (`holder_id`,`tool_id`,`environment`) WHERE "keys"."status" in ('PENDING', 'ACTIVE');--> statement-breakpoint
CREATE INDEX `keys_holder` ON `keys` (`holder_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `keys_tool` ON `keys` (`tool_id`);--> statement-breakpoint
CREATE INDEX `keys_pending` ON `keys` (`created_at`) WHERE "keys"."status" = 'PENDING';--> statement-breakpoint
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
--> statement-breakpoint
CREATE INDEX `requests_requester` ON `requests` (`requester_id`,`created_at`);--> statement-breakpoint
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
--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `sessions_expiry` ON `sessions` (`expires_at`);--> statement-breakpoint
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
--> statement-breakpoint
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
--> statement-breakpoint
CREATE UNIQUE INDEX `tools_slug` ON `tools` (`slug`);--> statement-breakpoint
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
--> statement-breakpoint
CREATE UNIQUE INDEX `users_email` ON `users` (`email`);
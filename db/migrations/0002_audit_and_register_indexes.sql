DROP INDEX `audit_hash`;--> statement-breakpoint
DROP INDEX `audit_actor`;--> statement-breakpoint
DROP INDEX `audit_action`;--> statement-breakpoint
DROP INDEX `audit_key`;--> statement-breakpoint
DROP INDEX `audit_tool`;--> statement-breakpoint
DROP INDEX `audit_at`;--> statement-breakpoint
CREATE INDEX `audit_actor_email` ON `audit_entries` (`actor_email`,`seq`,`at`);--> statement-breakpoint
CREATE INDEX `audit_actor` ON `audit_entries` (`actor_id`,`seq`,`at`);--> statement-breakpoint
CREATE INDEX `audit_action` ON `audit_entries` (`action`,`seq`,`at`);--> statement-breakpoint
CREATE INDEX `audit_key` ON `audit_entries` (`key_id`,`seq`,`at`);--> statement-breakpoint
CREATE INDEX `audit_tool` ON `audit_entries` (`tool_id`,`seq`,`at`);--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit_entries` (`at`,`seq`);--> statement-breakpoint
DROP INDEX `keys_tool`;--> statement-breakpoint
CREATE INDEX `keys_created` ON `keys` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `keys_status` ON `keys` (`status`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `keys_prefix` ON `keys` (`prefix`);--> statement-breakpoint
CREATE INDEX `keys_tool` ON `keys` (`tool_id`,`created_at`);
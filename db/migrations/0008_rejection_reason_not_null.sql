-- The CHECK on the reason of a rejection let NULL pass: length(NULL) > 0 is NULL, and a CHECK fails on false only. SQLite
-- can't change a CHECK, so the table is rebuilt. `keys` refers to it by name; the migrator turns foreign keys off
-- meanwhile and checks them before it commits.
CREATE TABLE `__new_requests` (
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
	CONSTRAINT "requests_decision" CHECK("__new_requests"."decision" is null or "__new_requests"."decision" in ('auto-issued', 'approved', 'rejected', 'withdrawn')),
	CONSTRAINT "requests_decided_whole" CHECK(("__new_requests"."decision" is null) = ("__new_requests"."decided_at" is null)),
	CONSTRAINT "requests_rejection_reason" CHECK("__new_requests"."decision" is distinct from 'rejected' or ("__new_requests"."reason" is not null and length("__new_requests"."reason") > 0)),
	CONSTRAINT "requests_purpose" CHECK(length("__new_requests"."purpose") between 3 and 200)
);
--> statement-breakpoint
INSERT INTO `__new_requests`("id", "requester_id", "purpose", "created_at", "decision", "decided_at", "decided_by", "reason") SELECT "id", "requester_id", "purpose", "created_at", "decision", "decided_at", "decided_by", "reason" FROM `requests`;--> statement-breakpoint
DROP TABLE `requests`;--> statement-breakpoint
ALTER TABLE `__new_requests` RENAME TO `requests`;--> statement-breakpoint
CREATE INDEX `requests_requester` ON `requests` (`requester_id`,`created_at`);
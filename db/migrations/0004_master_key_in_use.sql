CREATE TABLE `master_key_in_use` (
	`only` integer PRIMARY KEY DEFAULT 1 NOT NULL,
	`key_id` text NOT NULL,
	`since` integer NOT NULL,
	CONSTRAINT "master_key_in_use_one" CHECK("master_key_in_use"."only" = 1)
);

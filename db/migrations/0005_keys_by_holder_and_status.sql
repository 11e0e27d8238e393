-- A holder's live keys are asked for with every request, page and list of people; the past ones are many.
CREATE INDEX `keys_holder_status` ON `keys` (`holder_id`,`status`);

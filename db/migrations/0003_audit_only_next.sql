-- An entry is added after the last one and names it, or not at all. This also closes what the triggers on
-- UPDATE and DELETE leave open: INSERT OR REPLACE removes the row in its way without asking them.
CREATE TRIGGER audit_entries_only_next BEFORE INSERT ON audit_entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit_entries)
  OR NEW.previous_hash IS NOT coalesce(
    (SELECT hash FROM audit_entries ORDER BY seq DESC LIMIT 1),
    '0000000000000000000000000000000000000000000000000000000000000000'
  )
BEGIN
  SELECT RAISE(ABORT, 'the audit trail only takes its next entry');
END;

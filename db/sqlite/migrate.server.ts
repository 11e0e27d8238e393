import { createHash } from 'node:crypto';
import type BetterSqlite3 from 'better-sqlite3';
import journal from '../migrations/meta/_journal.json';

// Read at build time, so that the server is one file and migrates without its sources beside it.
const files = import.meta.glob<string>('../migrations/*.sql', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export interface Migration {
  tag: string;
  sql: string;
  hash: string;
}

/** Every migration this program knows, oldest first, as the journal of drizzle-kit lists them. */
export const migrations: readonly Migration[] = journal.entries.map(({ tag }) => {
  const sql = files[`../migrations/${tag}.sql`];
  if (sql === undefined) throw new Error(`migration ${tag} is in the journal but its file is missing`);
  return { tag, sql, hash: createHash('sha256').update(sql).digest('hex') };
});

/** Raised when the file cannot be brought to this program's schema; the message says what to do. */
export class MigrationError extends Error {}

/**
 * Brings the database to the newest schema: all outstanding migrations in one transaction, or none.
 *
 * Drizzle's own migrator passes silently over an entry older than the last one applied and accepts a file
 * that a newer program has migrated; here the applied list must be a prefix of the known list, file by file.
 *
 * @returns the tags applied now, oldest first.
 * @throws MigrationError when the file is newer than the program or its history differs.
 */
export function migrate(sqlite: BetterSqlite3.Database, known: readonly Migration[] = migrations): string[] {
  sqlite.exec(
    'create table if not exists schema_migrations (position integer primary key, tag text not null, hash text not null, applied_at integer not null)',
  );
  const applied = countApplied(sqlite, known);
  const outstanding = known.slice(applied);
  if (outstanding.length === 0) return [];

  // A rebuilt table is dropped and renamed; with foreign keys on, that would cascade to its children.
  sqlite.pragma('foreign_keys = OFF');
  try {
    sqlite.exec('begin immediate');
    const note = sqlite.prepare('insert into schema_migrations values (?, ?, ?, ?)');
    for (const [index, migration] of outstanding.entries()) {
      for (const statement of migration.sql.split('--> statement-breakpoint')) sqlite.exec(statement);
      note.run(applied + index, migration.tag, migration.hash, Date.now());
    }
    const orphans = sqlite.pragma('foreign_key_check') as unknown[];
    if (orphans.length > 0)
      throw new MigrationError(
        `A migration would leave ${orphans.length} rows without their parent; nothing was changed.`,
      );
    sqlite.exec('commit');
  } catch (error) {
    if (sqlite.inTransaction) sqlite.exec('rollback');
    throw error;
  } finally {
    sqlite.pragma('foreign_keys = ON');
  }
  return outstanding.map(({ tag }) => tag);
}

/**
 * How many of the known migrations the database has, without changing anything; null when it has no list of
 * them, and so is none of ours.
 *
 * @throws MigrationError when the list is not a beginning of the known one.
 */
export function readSchemaVersion(
  sqlite: BetterSqlite3.Database,
  known: readonly Migration[] = migrations,
): number | null {
  const listed = sqlite.prepare("select 1 from sqlite_master where name = 'schema_migrations'").get();
  return listed === undefined ? null : countApplied(sqlite, known);
}

function countApplied(sqlite: BetterSqlite3.Database, known: readonly Migration[]): number {
  const applied = sqlite
    .prepare<[], { tag: string; hash: string }>('select tag, hash from schema_migrations order by position')
    .all();
  if (applied.length > known.length) {
    throw new MigrationError(
      `The database was last used by a newer version of My AI Keys (it has ${applied.at(-1)?.tag}, unknown here); start that version, or restore a backup made before the upgrade.`,
    );
  }
  for (const [position, row] of applied.entries()) {
    const expected = known[position];
    if (expected?.tag !== row.tag || expected.hash !== row.hash) {
      throw new MigrationError(
        `The database's schema history differs from this version's at ${row.tag}; it belongs to another build of My AI Keys. Start that build, or restore a backup of this one.`,
      );
    }
  }
  return applied.length;
}

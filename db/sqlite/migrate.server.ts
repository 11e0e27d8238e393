import { createHash } from 'node:crypto';
import type BetterSqlite3 from 'better-sqlite3';
import journal from '../migrations/meta/_journal.json';

// Read at build time: the built server needs no SQL files next to it.
const sqlFiles = import.meta.glob<string>('../migrations/*.sql', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export interface Migration {
  tag: string;
  sql: string;
  hash: string;
}

/** All migrations of this version, oldest first, from drizzle-kit's journal. */
export const migrations: readonly Migration[] = journal.entries.map(({ tag }) => {
  const sql = sqlFiles[`../migrations/${tag}.sql`];
  if (sql === undefined) throw new Error(`migration ${tag} is in the journal but its file is missing`);
  return { tag, sql, hash: createHash('sha256').update(sql).digest('hex') };
});

/** The database can't be migrated to this version's schema. The message says what to do. */
export class MigrationError extends Error {}

/**
 * Applies all pending migrations in one transaction.
 *
 * Stricter than Drizzle's migrator, which skips a migration older than the last applied one and accepts a database
 * of a newer version: the applied migrations must be the first of the known ones, with the same hashes.
 *
 * @returns the tags of the migrations applied, oldest first.
 * @throws MigrationError when the database is newer than this version or its history differs.
 */
export function migrate(sqlite: BetterSqlite3.Database, known: readonly Migration[] = migrations): string[] {
  sqlite.exec(
    'create table if not exists schema_migrations (position integer primary key, tag text not null, hash text not null, applied_at integer not null)',
  );
  const applied = countApplied(sqlite, known);
  const pending = known.slice(applied);
  if (pending.length === 0) return [];

  // A migration that rebuilds a table drops the old one, which foreign keys would forbid.
  sqlite.pragma('foreign_keys = OFF');
  try {
    sqlite.exec('begin immediate');
    const insert = sqlite.prepare('insert into schema_migrations values (?, ?, ?, ?)');
    for (const [index, migration] of pending.entries()) {
      for (const statement of migration.sql.split('--> statement-breakpoint')) sqlite.exec(statement);
      insert.run(applied + index, migration.tag, migration.hash, Date.now());
    }
    const orphans = sqlite.pragma('foreign_key_check') as unknown[];
    if (orphans.length > 0)
      throw new MigrationError(
        `A migration would leave ${orphans.length} rows that refer to rows that don't exist. Nothing was changed.`,
      );
    sqlite.exec('commit');
  } catch (error) {
    if (sqlite.inTransaction) sqlite.exec('rollback');
    throw error;
  } finally {
    sqlite.pragma('foreign_keys = ON');
  }
  return pending.map(({ tag }) => tag);
}

/**
 * Returns how many of the known migrations have been applied, without changing anything; null for a database that
 * isn't from My AI Keys.
 *
 * @throws MigrationError when the database is newer than this version or its history differs.
 */
export function readSchemaVersion(
  sqlite: BetterSqlite3.Database,
  known: readonly Migration[] = migrations,
): number | null {
  const table = sqlite.prepare("select 1 from sqlite_master where name = 'schema_migrations'").get();
  return table === undefined ? null : countApplied(sqlite, known);
}

function countApplied(sqlite: BetterSqlite3.Database, known: readonly Migration[]): number {
  const applied = sqlite
    .prepare<[], { tag: string; hash: string }>('select tag, hash from schema_migrations order by position')
    .all();
  if (applied.length > known.length) {
    throw new MigrationError(
      `The database was last used by a newer version of My AI Keys (it has the unknown migration ${applied.at(-1)?.tag}). Start that version, or restore a backup made before the upgrade.`,
    );
  }
  for (const [position, row] of applied.entries()) {
    const expected = known[position];
    if (expected?.tag !== row.tag || expected.hash !== row.hash) {
      throw new MigrationError(
        `The database was migrated by another build of My AI Keys: its migration ${row.tag} differs from this version's. Start that build, or restore a backup made by this one.`,
      );
    }
  }
  return applied.length;
}

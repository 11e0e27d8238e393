import BetterSqlite3 from 'better-sqlite3';
import { migrate } from './migrate.server';

/**
 * What is wrong with the file itself: pages, indexes, rows without their parent. Reads all of it.
 *
 * @returns a sentence; null when nothing is.
 */
export function findCorruption(sqlite: BetterSqlite3.Database): string | null {
  const [first] = sqlite.pragma('integrity_check') as { integrity_check: string }[];
  if (first?.integrity_check !== 'ok') return `The database is damaged: ${first?.integrity_check}.`;
  const orphans = sqlite.pragma('foreign_key_check') as { table: string }[];
  if (orphans.length === 0) return null;
  return `${orphans.length} rows have lost the row that they belong to, the first in ${orphans[0]?.table}.`;
}

/**
 * How the schema differs from the one that this version's migrations make. A trigger that is missing or
 * changed is no small thing: triggers are what keeps the audit trail append-only.
 *
 * @returns a sentence; null when it does not.
 */
export function findSchemaDifference(sqlite: BetterSqlite3.Database): string | null {
  const made = new BetterSqlite3(':memory:');
  migrate(made);
  const [expected, actual] = [readSchema(made), readSchema(sqlite)];
  made.close();
  for (const [name, sql] of expected) {
    if (!actual.has(name)) return `The ${name} is missing.`;
    if (actual.get(name) !== sql) return `The ${name} is not as this version makes it.`;
  }
  const foreign = [...actual.keys()].find((name) => !expected.has(name));
  return foreign === undefined ? null : `The ${foreign} does not belong there.`;
}

/** The SQL of every table, index, trigger and view, by `table keys`, less what SQLite and Litestream keep for themselves. */
function readSchema(sqlite: BetterSqlite3.Database): Map<string, string> {
  const rows = sqlite
    .prepare<[], { type: string; name: string; sql: string }>(
      "select type, name, sql from sqlite_master where name not like 'sqlite\\_%' escape '\\' and name not like '\\_litestream%' escape '\\'",
    )
    .all();
  // A renamed table comes back in other quotes and spaces than it was made with.
  return new Map(
    rows.map(({ type, name, sql }) => [`${type} ${name}`, sql.replace(/["`[\]\s]+/g, ' ').trim()]),
  );
}

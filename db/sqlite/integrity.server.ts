import BetterSqlite3 from 'better-sqlite3';
import { migrate } from './migrate.server';

/**
 * Checks the whole file: pages, indexes and foreign keys.
 *
 * @returns a sentence for people, or null if the file is intact.
 */
export function findCorruption(sqlite: BetterSqlite3.Database): string | null {
  const [first] = sqlite.pragma('integrity_check') as { integrity_check: string }[];
  if (first?.integrity_check !== 'ok') return `The database is damaged: ${first?.integrity_check}.`;
  const orphans = sqlite.pragma('foreign_key_check') as { table: string }[];
  if (orphans.length === 0) return null;
  return `${orphans.length} rows refer to rows that don't exist, the first one in ${orphans[0]?.table}.`;
}

/**
 * Compares the schema with the one that this version's migrations create. Includes triggers: they keep the audit
 * trail append-only.
 *
 * @returns a sentence for people, or null if the schemas are the same.
 */
export function findSchemaDifference(sqlite: BetterSqlite3.Database): string | null {
  const reference = new BetterSqlite3(':memory:');
  migrate(reference);
  const [expected, actual] = [readSchema(reference), readSchema(sqlite)];
  reference.close();
  for (const [name, sql] of expected) {
    if (!actual.has(name)) return `The ${name} is missing.`;
    if (actual.get(name) !== sql) return `The ${name} differs from this version's schema.`;
  }
  const unknown = [...actual.keys()].find((name) => !expected.has(name));
  return unknown === undefined ? null : `The ${unknown} is not part of this version's schema.`;
}

/** The SQL of every table, index, trigger and view by name (`table keys`), without SQLite's and Litestream's own. */
function readSchema(sqlite: BetterSqlite3.Database): Map<string, string> {
  const rows = sqlite
    .prepare<[], { type: string; name: string; sql: string }>(
      "select type, name, sql from sqlite_master where name not like 'sqlite\\_%' escape '\\' and name not like '\\_litestream%' escape '\\'",
    )
    .all();
  // SQLite changes quotes and whitespace when a table is renamed.
  return new Map(
    rows.map(({ type, name, sql }) => [`${type} ${name}`, sql.replace(/["`[\]\s]+/g, ' ').trim()]),
  );
}

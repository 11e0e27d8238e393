import BetterSqlite3 from 'better-sqlite3';

interface SchemaRow {
  type: 'table' | 'index' | 'trigger';
  name: string;
  sql: string;
}

const SCHEMA = "select type, name, sql from sqlite_master where sql is not null and name not like 'sqlite%'";

/** Dumps a database as SQL: tables, rows, then indexes and triggers (the triggers would reject some of the rows). */
export function dump(path: string): string {
  const sqlite = new BetterSqlite3(path, { readonly: true });
  const schema = sqlite.prepare<[], SchemaRow>(`${SCHEMA} order by rowid`).all();
  const ofType = (...types: string[]) => schema.filter(({ type }) => types.includes(type));
  const lines = ofType('table').map(({ sql }) => `${sql};`);
  for (const { name } of ofType('table')) {
    const columns = sqlite.prepare<[], string>(`select name from pragma_table_info('${name}')`).pluck().all();
    const values = columns.map((column) => `quote("${column}")`).join(` || ', ' || `);
    const rows = sqlite.prepare<[], string>(`select ${values} from "${name}" order by rowid`).pluck().all();
    for (const row of rows) lines.push(`INSERT INTO "${name}" VALUES (${row});`);
  }
  lines.push(...ofType('index', 'trigger').map(({ sql }) => `${sql};`));
  sqlite.close();
  return `${lines.join('\n')}\n`;
}

/** Creates a database file from such a dump. */
export function load(path: string, sql: string): void {
  const sqlite = new BetterSqlite3(path);
  sqlite.pragma('foreign_keys = OFF'); // the dump fills tables in any order
  sqlite.exec(`begin; ${sql} commit;`);
  sqlite.close();
}

/** Counts the rows of each table. */
export function rowCounts(path: string): Record<string, number> {
  const sqlite = new BetterSqlite3(path, { readonly: true });
  const names = sqlite.prepare<[], SchemaRow>(`${SCHEMA} and type = 'table' order by name`).all();
  const counts = names.map(({ name }) => [
    name,
    sqlite.prepare<[], number>(`select count(*) from "${name}"`).pluck().get() ?? 0,
  ]);
  sqlite.close();
  return Object.fromEntries(counts);
}

/** The columns of a query as `[name, SQL expression]`, in the order of a raw row. */
type ColumnList = readonly (readonly [name: string, sql: string])[];

/** What SQLite returns for a field of this type: booleans are 0 or 1. */
type SqliteValue<T> = T extends boolean ? 0 | 1 : T;

/** The raw row of a column list whose names are fields of `Entity`. The type of an unknown name is `never`. */
export type RawRow<Columns extends ColumnList, Entity> = {
  [Index in keyof Columns]: Columns[Index][0] extends keyof Entity
    ? SqliteValue<Entity[Columns[Index][0]]>
    : never;
};

/** The index of each column by its name. */
type ColumnIndexes<Columns extends ColumnList> = {
  readonly [Index in keyof Columns &
    `${number}` as Columns[Index][0]]: Index extends `${infer N extends number}` ? N : never;
};

/** Returns the select list, and the index in a raw row of each column. */
export function columnList<const Columns extends ColumnList>(
  columns: Columns,
): { sql: string; at: ColumnIndexes<Columns> } {
  return {
    sql: columns.map(([, sql]) => sql).join(', '),
    at: Object.fromEntries(columns.map(([name], index) => [name, index])) as ColumnIndexes<Columns>,
  };
}

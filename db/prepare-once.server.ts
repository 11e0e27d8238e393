import type { Queries } from './database';

/**
 * A query prepared once for each connection and kept: on the pages that everybody opens, putting its SQL
 * together costs several times as much as running it.
 *
 * @param prepare builds the query with `sql.placeholder` for what changes, and ends with `.prepare()`.
 */
export function prepareOnce<Statement>(
  prepare: (queries: Queries) => Statement,
): (queries: Queries) => Statement {
  const known = new WeakMap<Queries, Statement>();
  return (queries) => {
    const statement = known.get(queries) ?? prepare(queries);
    known.set(queries, statement);
    return statement;
  };
}

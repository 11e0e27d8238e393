import BetterSqlite3 from 'better-sqlite3';

/** How a statement fails, as SQLite reports it. */
export interface Failure {
  code: 'SQLITE_FULL' | 'SQLITE_IOERR_WRITE' | 'SQLITE_IOERR_READ' | 'SQLITE_BUSY';
  message: string;
  /** On a full disk SQLite may roll the transaction back before it reports the error. */
  rollsBack: boolean;
}

export const FAILURES: Record<string, Failure> = {
  'a full disk': { code: 'SQLITE_FULL', message: 'database or disk is full', rollsBack: true },
  'an I/O error': { code: 'SQLITE_IOERR_WRITE', message: 'disk I/O error', rollsBack: false },
  'a lock held by another program': {
    code: 'SQLITE_BUSY',
    message: 'database is locked',
    rollsBack: false,
  },
};

export interface FailingConnection {
  /** Starts counting statements; the one with this number (from 1) fails. */
  failAt(number: number, failure: Failure): void;
  /** Stops failing. Returns the text of the statement that failed since `failAt`, if one did. */
  heal(): { failed: string | null };
}

/** Makes statements of these connections fail on command, `begin` and `commit` included, by shadowing their methods. */
export function makeFailable(...connections: BetterSqlite3.Database[]): FailingConnection {
  let begun = 0;
  let at = 0;
  let failure: Failure | null = null;
  let failed: string | null = null;

  function begin(connection: BetterSqlite3.Database, text: string): void {
    // A rollback needs no disk space, and isn't what is tested.
    if (failure === null || /^rollback/i.test(text)) return;
    begun += 1;
    if (begun !== at) return;
    failed = text;
    if (failure.rollsBack && connection.inTransaction) rollback(connection);
    throw new BetterSqlite3.SqliteError(failure.message, failure.code);
  }

  for (const connection of connections) {
    const prototype: BetterSqlite3.Database = Object.getPrototypeOf(connection);
    const { exec, prepare } = prototype;
    connection.exec = (text) => {
      begin(connection, text);
      return exec.call(connection, text);
    };
    connection.prepare = ((text: string) =>
      failableStatement(prepare.call(connection, text), () =>
        begin(connection, text),
      )) as typeof connection.prepare;
  }

  return {
    failAt(number, withFailure) {
      begun = 0;
      at = number;
      failure = withFailure;
      failed = null;
    },
    heal() {
      failure = null;
      return { failed };
    },
  };
}

const EXECUTING = new Set<string | symbol>(['run', 'get', 'all', 'iterate']);

/** Wraps a statement so that it calls `begin` before each execution. Modes such as `raw()` return the wrapper. */
function failableStatement(statement: BetterSqlite3.Statement, begin: () => void): BetterSqlite3.Statement {
  const failable: BetterSqlite3.Statement = new Proxy(statement, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (EXECUTING.has(name)) begin();
        const result: unknown = value.apply(target, args);
        return result === target ? failable : result;
      };
    },
  });
  return failable;
}

function rollback(connection: BetterSqlite3.Database): void {
  const { exec } = Object.getPrototypeOf(connection) as BetterSqlite3.Database;
  exec.call(connection, 'rollback');
}

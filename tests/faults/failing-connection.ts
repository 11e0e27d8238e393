import BetterSqlite3 from 'better-sqlite3';

/** A statement that fails as the file system under it would make it fail. */
export interface Failure {
  code: 'SQLITE_FULL' | 'SQLITE_IOERR_WRITE' | 'SQLITE_IOERR_READ' | 'SQLITE_BUSY';
  message: string;
  /** On a full disk SQLite may undo the transaction by itself before it tells. */
  rollsBack: boolean;
}

export const FAILURES: Record<string, Failure> = {
  'a full disk': { code: 'SQLITE_FULL', message: 'database or disk is full', rollsBack: true },
  'an I/O error': { code: 'SQLITE_IOERR_WRITE', message: 'disk I/O error', rollsBack: false },
  'a lock that another program holds': {
    code: 'SQLITE_BUSY',
    message: 'database is locked',
    rollsBack: false,
  },
};

export interface FailingConnection {
  /** From now on statements are counted, and the one with this number fails (the first is 1). */
  failAt(number: number, failure: Failure): void;
  /** Statements fail no more. Answers how many were begun since `failAt`, and the text of the failed one. */
  heal(): { begun: number; failed: string | null };
}

/**
 * Lets statements of these connections fail on command: everything that is executed, `begin` and `commit`
 * too. The connections stay what they are; their methods are put before their own class's.
 */
export function makeFailable(...connections: BetterSqlite3.Database[]): FailingConnection {
  let begun = 0;
  let at = 0;
  let failure: Failure | null = null;
  let failed: string | null = null;

  function begin(connection: BetterSqlite3.Database, text: string): void {
    // Undoing needs no space and is not what is tried here.
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
      return { begun, failed };
    },
  };
}

const EXECUTING = new Set<string | symbol>(['run', 'get', 'all', 'iterate']);

/** The statement, asking `begin` before each execution. Modes such as `raw()` answer the statement itself. */
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

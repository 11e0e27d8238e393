import BetterSqlite3 from 'better-sqlite3';
import { readBatches } from '~/audit/read-batches.server';
import { verifyChain } from '~/audit/verify-chain.server';
import { databaseFile } from '~/core/config.server';
import { openDatabaseToRead } from '~db/sqlite/connection.server';
import { findTrailDifferences } from './replay';

/**
 * Everything wrong with the database in this folder, as sentences: SQLite's own checks, the audit chain, and differences
 * between the tables and the trail. A server may be running on it.
 */
export async function findCorruption(dataDir: string): Promise<string[]> {
  const path = databaseFile({ dataDir });
  const problems: string[] = [];
  const sqlite = new BetterSqlite3(path, { readonly: true, fileMustExist: true });
  try {
    // One transaction: a running server may commit in between.
    sqlite.exec('begin');
    const integrity = sqlite.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') problems.push(`integrity_check returned ${integrity}`);
    const orphans = sqlite.pragma('foreign_key_check') as unknown[];
    if (orphans.length > 0) problems.push(`${orphans.length} rows have no parent`);
    problems.push(...findTrailDifferences(sqlite));
  } finally {
    sqlite.close();
  }
  const { read, close } = openDatabaseToRead(path);
  try {
    const verdict = await verifyChain(readBatches(read, Number.MAX_SAFE_INTEGER));
    if (!verdict.ok) problems.push(verdict.fault.message);
  } finally {
    close();
  }
  return problems;
}

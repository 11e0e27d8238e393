import { desc } from 'drizzle-orm';
import { formatHead } from '~/audit/audit.schema';
import { verifyStoredChain } from '~/audit/verify-chain.server';
import type { Config } from '~/core/config.server';
import { formatUtc } from '~/core/format-time';
import { lostCredentials, sealedCredentials } from '~/master-key/master-key.server';
import { MasterKeyError } from '~/master-key/master-key-files.server';
import type { Queries } from '~db/database';
import { auditEntries } from '~db/schema';
import { configure, openDatabaseToRead } from '~db/sqlite/connection.server';
import { findCorruption, findSchemaDifference } from '~db/sqlite/integrity.server';
import { MigrationError, migrations, readSchemaVersion } from '~db/sqlite/migrate.server';
import { type CheckResult, failed, passed } from './check-result';

type OpenDatabase = ReturnType<typeof openDatabaseToRead>;

const RESTORE = 'Stop the server and restore a backup.';
const CLOCK_TOLERANCE_MS = 60_000;

/** Checks the database file's pages, schema, settings, audit trail, clock and credentials. Changes nothing. */
export async function checkDatabase(path: string, config: Config, now: number): Promise<CheckResult[]> {
  let database: OpenDatabase;
  try {
    database = openDatabaseToRead(path);
  } catch (error) {
    return [failed('database', `It can't be opened (${messageOf(error)}). ${RESTORE}`)];
  }
  try {
    const corruption = findCorruption(database.sqlite);
    if (corruption !== null) return [failed('database', `${corruption} ${RESTORE}`)];
    const { result, isCurrent } = checkSchema(database);
    const results = [passed('database', 'integrity_check and foreign_key_check found no problems.'), result];
    if (!isCurrent) return results;
    return [
      ...results,
      checkSqliteSettings(database),
      await checkAuditTrail(database.read),
      await checkClock(database.read, now),
      await checkMasterKey(config, database.read),
    ];
  } finally {
    database.close();
  }
}

function checkSchema({ sqlite }: OpenDatabase): { result: CheckResult; isCurrent: boolean } {
  const subject = 'schema';
  const notCurrent = (result: CheckResult) => ({ result, isCurrent: false });
  try {
    const version = readSchemaVersion(sqlite);
    if (version === null)
      return notCurrent(failed(subject, "This isn't a database of My AI Keys. Check DATA_DIR."));
    const pending = migrations.length - version;
    if (pending > 0)
      return notCurrent(
        passed(subject, `${pending} migrations pending. Make a backup; the next start applies them.`),
      );
    const difference = findSchemaDifference(sqlite);
    const result =
      difference === null
        ? passed(subject, `up to date (${migrations.at(-1)?.tag}).`)
        : failed(subject, `${difference} ${RESTORE}`);
    return { result, isCurrent: true };
  } catch (error) {
    if (error instanceof MigrationError) return notCurrent(failed(subject, error.message));
    throw error;
  }
}

/** Whether SQLite accepts the settings of every connection, such as a write-ahead log. Network drives may not. */
function checkSqliteSettings({ sqlite }: OpenDatabase): CheckResult {
  const subject = 'SQLite settings';
  try {
    configure(sqlite);
    return passed(subject, 'WAL, synchronous FULL, foreign keys on.');
  } catch (error) {
    return failed(subject, `${messageOf(error)} Move DATA_DIR to a local disk.`);
  }
}

async function checkAuditTrail(read: Queries): Promise<CheckResult> {
  const verdict = await verifyStoredChain(read);
  if (verdict.ok) return passed('audit trail', `intact, head ${formatHead(verdict.head)}.`);
  const advice = 'Keep a copy of the database file and find out who wrote to it.';
  return failed('audit trail', `${verdict.fault.message} ${advice}`);
}

/** If the clock is behind, expired sessions and invitations are valid again. */
async function checkClock(read: Queries, now: number): Promise<CheckResult> {
  const [latest] = await read
    .select({ seq: auditEntries.seq, at: auditEntries.at })
    .from(auditEntries)
    .orderBy(desc(auditEntries.at))
    .limit(1);
  if (latest === undefined || latest.at <= now + CLOCK_TOLERANCE_MS)
    return passed('clock', `${formatUtc(now)}.`);
  return failed(
    'clock',
    `It is ${formatUtc(now)}, but audit entry ${latest.seq} was recorded at ${formatUtc(latest.at)}. Set the clock (NTP), unless it is right now and was ahead then.`,
  );
}

async function checkMasterKey(config: Config, read: Queries): Promise<CheckResult> {
  const subject = 'master key';
  try {
    const lost = await lostCredentials({ config }, read);
    if (lost.length === 0)
      return passed(
        subject,
        `decrypts all provider credentials (${(await sealedCredentials(read)).length}).`,
      );
    const slugs = lost.map(({ slug }) => slug).join(', ');
    return failed(
      subject,
      `It can't decrypt the credentials of ${slugs}. Put the right key back, or run \`master-key forget\`.`,
    );
  } catch (error) {
    if (error instanceof MasterKeyError) return failed(subject, error.message);
    throw error;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

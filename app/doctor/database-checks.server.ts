import { desc } from 'drizzle-orm';
import { formatHead } from '~/audit/audit.schema';
import { readBatches } from '~/audit/read-batches.server';
import { readHead } from '~/audit/record.server';
import { verifyChain } from '~/audit/verify-chain.server';
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

type Opened = ReturnType<typeof openDatabaseToRead>;

const RESTORE = 'Stop the server and restore a backup.';
/** Clocks of machines that talk to each other differ by less. */
const CLOCK_SLACK_MS = 60_000;

/** The database file: its pages, settings, schema, trail and credentials. Changes nothing. */
export async function checkDatabase(path: string, config: Config, now: number): Promise<CheckResult[]> {
  let opened: Opened;
  try {
    opened = openDatabaseToRead(path);
  } catch (error) {
    return [failed('database', `It cannot be opened (${wordsOf(error)}). ${RESTORE}`)];
  }
  try {
    const damaged = findCorruption(opened.sqlite);
    if (damaged !== null) return [failed('database', `${damaged} ${RESTORE}`)];
    const schema = checkSchema(opened);
    const first = [passed('database', 'integrity_check and foreign_key_check find nothing.'), schema.finding];
    if (!schema.current) return first;
    return [
      ...first,
      checkSettings(opened),
      await checkTrail(opened.read),
      await checkClock(opened.read, now),
      await checkMasterKey(config, opened.read),
    ];
  } finally {
    opened.close();
  }
}

function checkSchema({ sqlite }: Opened): { finding: CheckResult; current: boolean } {
  const about = 'schema';
  try {
    const version = readSchemaVersion(sqlite);
    if (version === null)
      return { finding: failed(about, 'This is no database of My AI Keys. Set DATA_DIR.'), current: false };
    if (version < migrations.length) {
      const words = `${migrations.length - version} migrations behind; make a backup, and the next start applies them.`;
      return { finding: passed(about, words), current: false };
    }
    const difference = findSchemaDifference(sqlite);
    return difference === null
      ? { finding: passed(about, `is this version's (${migrations.at(-1)?.tag}).`), current: true }
      : { finding: failed(about, `${difference} ${RESTORE}`), current: true };
  } catch (error) {
    if (error instanceof MigrationError) return { finding: failed(about, error.message), current: false };
    throw error;
  }
}

/** That the file keeps a write-ahead log, and SQLite takes the settings that every connection gets. */
function checkSettings({ sqlite }: Opened): CheckResult {
  try {
    configure(sqlite);
    return passed('settings of SQLite', 'WAL, synchronous FULL, foreign keys on.');
  } catch (error) {
    return failed('settings of SQLite', `${wordsOf(error)} Move DATA_DIR to a local disk.`);
  }
}

async function checkTrail(read: Queries): Promise<CheckResult> {
  const { seq } = await readHead(read);
  const verdict = await verifyChain(readBatches(read, seq));
  if (verdict.ok) return passed('audit trail', `is as recorded, head ${formatHead(verdict.head)}.`);
  const what = 'Find out who wrote to the database file; keep a copy of it as it is.';
  return failed('audit trail', `${verdict.fault.message} ${what}`);
}

/** A clock set back would let ended sessions and invitations live again. */
async function checkClock(read: Queries, now: number): Promise<CheckResult> {
  const [last] = await read
    .select({ seq: auditEntries.seq, at: auditEntries.at })
    .from(auditEntries)
    .orderBy(desc(auditEntries.at))
    .limit(1);
  if (last === undefined || last.at <= now + CLOCK_SLACK_MS)
    return passed('clock', `says ${formatUtc(now)}.`);
  return failed(
    'clock',
    `It says ${formatUtc(now)}, but entry ${last.seq} of the audit trail is of ${formatUtc(last.at)}: set the clock (NTP), unless it is right now and ran ahead then.`,
  );
}

async function checkMasterKey(config: Config, read: Queries): Promise<CheckResult> {
  const about = 'master key';
  try {
    const lost = await lostCredentials({ config }, read);
    if (lost.length === 0)
      return passed(about, `opens every provider credential (${(await sealedCredentials(read)).length}).`);
    const slugs = lost.map(({ slug }) => slug).join(', ');
    return failed(
      about,
      `It does not open the credentials of ${slugs}: put the right one back, or run \`master-key forget\`.`,
    );
  } catch (error) {
    if (error instanceof MasterKeyError) return failed(about, error.message);
    throw error;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

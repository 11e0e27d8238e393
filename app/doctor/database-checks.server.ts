import { desc } from 'drizzle-orm';
import { formatHead } from '~/audit/audit.schema';
import { readHead } from '~/audit/record.server';
import { verifyChain } from '~/audit/verify-chain.server';
import { walkTrail } from '~/audit/read-batches.server';
import { formatUtc } from '~/core/format-time';
import type { Config } from '~/core/config.server';
import { lostCredentials, sealedCredentials } from '~/master-key/master-key.server';
import { MasterKeyError } from '~/master-key/master-key-files.server';
import { configure, openDatabaseToRead, type Queries } from '~db/sqlite/connection.server';
import { MigrationError, migrations, readSchemaVersion } from '~db/sqlite/migrate.server';
import { auditEntries } from '~db/schema';
import { damage, schemaDifference } from '~db/sqlite/integrity.server';
import { type Finding, fine, wrong } from './check-result';

type Opened = ReturnType<typeof openDatabaseToRead>;

const RESTORE = 'Stop the server and restore a backup.';
/** Clocks of machines that talk to each other differ by less. */
const CLOCK_SLACK_MS = 60_000;

/** The database file: its pages, settings, schema, trail and credentials. Changes nothing. */
export async function checkDatabase(path: string, config: Config, now: number): Promise<Finding[]> {
  let opened: Opened;
  try {
    opened = openDatabaseToRead(path);
  } catch (error) {
    return [wrong('database', `It cannot be opened (${wordsOf(error)}). ${RESTORE}`)];
  }
  try {
    const damaged = damage(opened.sqlite);
    if (damaged !== null) return [wrong('database', `${damaged} ${RESTORE}`)];
    const schema = checkSchema(opened);
    const first = [fine('database', 'integrity_check and foreign_key_check find nothing.'), schema.finding];
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

function checkSchema({ sqlite }: Opened): { finding: Finding; current: boolean } {
  const about = 'schema';
  try {
    const version = readSchemaVersion(sqlite);
    if (version === null)
      return { finding: wrong(about, 'This is no database of My AI Keys. Set DATA_DIR.'), current: false };
    if (version < migrations.length) {
      const words = `${migrations.length - version} migrations behind; make a backup, and the next start applies them.`;
      return { finding: fine(about, words), current: false };
    }
    const difference = schemaDifference(sqlite);
    return difference === null
      ? { finding: fine(about, `is this version's (${migrations.at(-1)?.tag}).`), current: true }
      : { finding: wrong(about, `${difference} ${RESTORE}`), current: true };
  } catch (error) {
    if (error instanceof MigrationError) return { finding: wrong(about, error.message), current: false };
    throw error;
  }
}

/** That the file keeps a write-ahead log, and SQLite takes the settings that every connection gets. */
function checkSettings({ sqlite }: Opened): Finding {
  try {
    configure(sqlite);
    return fine('settings of SQLite', 'WAL, synchronous FULL, foreign keys on.');
  } catch (error) {
    return wrong('settings of SQLite', `${wordsOf(error)} Move DATA_DIR to a local disk.`);
  }
}

async function checkTrail(read: Queries): Promise<Finding> {
  const { seq } = await readHead(read);
  const verdict = await verifyChain(walkTrail(read, seq));
  if (verdict.ok) return fine('audit trail', `is as recorded, head ${formatHead(verdict.head)}.`);
  const what = 'Find out who wrote to the database file; keep a copy of it as it is.';
  return wrong('audit trail', `${verdict.fault.message} ${what}`);
}

/** A clock set back would let ended sessions and invitations live again. */
async function checkClock(read: Queries, now: number): Promise<Finding> {
  const [last] = await read
    .select({ seq: auditEntries.seq, at: auditEntries.at })
    .from(auditEntries)
    .orderBy(desc(auditEntries.at))
    .limit(1);
  if (last === undefined || last.at <= now + CLOCK_SLACK_MS) return fine('clock', `says ${formatUtc(now)}.`);
  return wrong(
    'clock',
    `It says ${formatUtc(now)}, but entry ${last.seq} of the audit trail is of ${formatUtc(last.at)}: set the clock (NTP), unless it is right now and ran ahead then.`,
  );
}

async function checkMasterKey(config: Config, read: Queries): Promise<Finding> {
  const about = 'master key';
  try {
    const lost = await lostCredentials({ config }, read);
    if (lost.length === 0)
      return fine(about, `opens every provider credential (${(await sealedCredentials(read)).length}).`);
    const slugs = lost.map(({ slug }) => slug).join(', ');
    return wrong(
      about,
      `It does not open the credentials of ${slugs}: put the right one back, or run \`master-key forget\`.`,
    );
  } catch (error) {
    if (error instanceof MasterKeyError) return wrong(about, error.message);
    throw error;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

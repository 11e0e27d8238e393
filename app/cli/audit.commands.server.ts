import { formatHead, type Head, headSchema } from '~/audit/audit.schema';
import { readBatches } from '~/audit/read-batches.server';
import { readAuditExport } from '~/audit/read-export.server';
import { readHead } from '~/audit/record.server';
import { type ChainVerdict, verifyChain } from '~/audit/verify-chain.server';
import { CommandError } from '~/core/command-error';
import { readConfig } from '~/core/config.server';
import { requireDatabaseFile } from '~/data-dir/database-file.server';
import type { Queries } from '~db/database';
import { openDatabaseToRead } from '~db/sqlite/connection.server';
import { EXIT, type Terminal } from './command.server';

/**
 * `audit verify`: the trail in the database, or in an exported file, against the head given, if any.
 *
 * @returns 0 when all is as recorded, else 1.
 */
export async function verifyAudit(
  terminal: Terminal,
  given: { head?: string; file?: string },
): Promise<number> {
  const kept = given.head === undefined ? undefined : parseHead(given.head);
  const { file } = given;
  const verdict =
    file === undefined
      ? await onTrail(terminal, async (queries) => {
          const { seq } = await readHead(queries);
          return await verifyChain(readBatches(queries, seq), kept);
        })
      : await verifyChain(readExport(file), kept);
  tell(terminal, verdict, kept, file);
  return verdict.ok ? EXIT.ok : EXIT.bad;
}

/** `audit head`: the number and hash of the last entry, to be kept where nobody of this machine can change it. */
export async function printHead(terminal: Terminal): Promise<number> {
  terminal.print(formatHead(await onTrail(terminal, readHead)));
  return EXIT.ok;
}

function tell(
  terminal: Terminal,
  verdict: ChainVerdict,
  kept: Head | undefined,
  file: string | undefined,
): void {
  const { seq } = verdict.head;
  const counted = `${seq.toLocaleString('en')} ${seq === 1 ? 'entry' : 'entries'}`;
  if (verdict.ok) {
    terminal.print(`The audit trail is as recorded: ${counted}, head ${formatHead(verdict.head)}`);
    terminal.print(
      kept === undefined
        ? 'Keep the head elsewhere and give it as --head next time: only so is a trail noticed that was cut off or rewritten whole.'
        : `It holds the entry ${kept.seq} that was kept.`,
    );
    return;
  }
  terminal.printError(`The audit trail is NOT as recorded. ${verdict.fault.message}`);
  terminal.printError(seq === 0 ? 'No entry before it is sound.' : `Sound up to entry ${seq}.`);
  if (file !== undefined && verdict.fault.kind === 'removed') {
    terminal.printError(
      'If the file was exported with filters, entries are missing on purpose: export all of it.',
    );
  }
}

/** A head given as `--head`. */
export function parseHead(text: string): Head {
  const parsed = headSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CommandError(`--head: ${parsed.error.issues[0]?.message}`);
}

async function* readExport(file: string) {
  try {
    yield* readAuditExport(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    throw new CommandError(`The file ${file} cannot be read (${error.code}).`);
  }
}

/** Reads the database of the data folder, where a server may be running on it. */
async function onTrail<T>({ env }: Terminal, work: (queries: Queries) => Promise<T>): Promise<T> {
  const database = openDatabaseToRead(requireDatabaseFile(readConfig(env)));
  try {
    return await work(database.read);
  } catch (error) {
    if (error instanceof Error && /no such (table|column)/.test(error.message)) {
      throw new CommandError(
        'The database is from an earlier version. Start the server once to bring it up to date.',
      );
    }
    throw error;
  } finally {
    database.close();
  }
}

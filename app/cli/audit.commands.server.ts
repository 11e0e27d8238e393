import { formatHead, type Head, headSchema } from '~/audit/audit.schema';
import { readAuditExport } from '~/audit/read-export.server';
import { readHead } from '~/audit/record.server';
import { type ChainVerdict, verifyChain, verifyStoredChain } from '~/audit/verify-chain.server';
import { CommandError } from '~/core/command-error';
import { readConfig } from '~/core/config.server';
import { requireDatabaseFile } from '~/data-dir/database-file.server';
import type { Queries } from '~db/database';
import { openDatabaseToRead } from '~db/sqlite/connection.server';
import { EXIT, type Terminal } from './command.server';

/**
 * `audit verify`: verifies the audit trail in the database or in an exported file, and optionally that it contains a
 * saved head. Exits with 1 if it is broken.
 */
export async function verifyAudit(
  terminal: Terminal,
  { head, file }: { head?: string; file?: string },
): Promise<number> {
  const savedHead = head === undefined ? undefined : parseHead(head);
  const verdict =
    file === undefined
      ? await withAuditTrail(terminal, (queries) => verifyStoredChain(queries, savedHead))
      : await verifyChain(readExport(file), savedHead);
  printVerdict(terminal, verdict, { savedHead, file });
  return verdict.ok ? EXIT.ok : EXIT.failed;
}

/** `audit head`: prints the number and hash of the last entry. */
export async function printHead(terminal: Terminal): Promise<number> {
  terminal.print(formatHead(await withAuditTrail(terminal, readHead)));
  return EXIT.ok;
}

function printVerdict(
  terminal: Terminal,
  verdict: ChainVerdict,
  { savedHead, file }: { savedHead?: Head; file?: string },
): void {
  const { seq } = verdict.head;
  if (verdict.ok) {
    const entries = `${seq.toLocaleString('en')} ${seq === 1 ? 'entry' : 'entries'}`;
    terminal.print(`The audit trail is intact: ${entries}, head ${formatHead(verdict.head)}`);
    terminal.print(
      savedHead === undefined
        ? "Save the head where this server's admins can't change it, and pass it as --head next time: only then are deleted entries at the end and a fully rewritten trail detected."
        : `It contains the saved head, entry ${savedHead.seq}.`,
    );
    return;
  }
  terminal.printError(`The audit trail is broken. ${verdict.fault.message}`);
  terminal.printError(seq === 0 ? 'No entry before it is intact.' : `Intact up to entry ${seq}.`);
  if (file !== undefined && verdict.fault.kind === 'removed') {
    terminal.printError(
      'If the file was exported with filters, entries are missing on purpose. Export without filters.',
    );
  }
}

/** Parses the value of `--head`. */
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
    throw new CommandError(`Can't read ${file} (${error.code}).`);
  }
}

/** Opens the database read-only, so that a server can run at the same time. */
async function withAuditTrail<T>({ env }: Terminal, work: (queries: Queries) => Promise<T>): Promise<T> {
  const database = openDatabaseToRead(requireDatabaseFile(readConfig(env)));
  try {
    return await work(database.read);
  } catch (error) {
    if (error instanceof Error && /no such (table|column)/.test(error.message)) {
      throw new CommandError('The database is from an earlier version. Start the server once to upgrade it.');
    }
    throw error;
  } finally {
    database.close();
  }
}

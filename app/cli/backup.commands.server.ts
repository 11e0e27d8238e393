import { resolve } from 'node:path';
import { formatHead } from '~/audit/audit.schema';
import { makeBackup } from '~/backups/backup.server';
import type { ReappliedCounts } from '~/backups/reapply-revocations.server';
import { restoreBackup } from '~/backups/restore.server';
import { databaseFile, readConfig } from '~/core/config.server';
import { requireDatabaseFile } from '~/data-dir/database-file.server';
import { parseHead } from './audit.commands.server';
import { EXIT, type Terminal } from './command.server';

/** `backup`: copies the database into one file. Exits with 1 if its audit trail is broken. */
export async function backup(terminal: Terminal, file: string): Promise<number> {
  const database = requireDatabaseFile(readConfig(terminal.env));
  const { bytes, trail } = await makeBackup(database, resolve(file));
  terminal.print(`Backed up to ${resolve(file)}: ${(bytes / 1024 / 1024).toFixed(1)} MiB, checked.`);
  if (trail === null) {
    terminal.print('It has the schema of an earlier version, so its audit trail was not verified.');
    return EXIT.ok;
  }
  if (!trail.ok) {
    terminal.printError(`The audit trail is broken. ${trail.fault.message}`);
    return EXIT.failed;
  }
  terminal.print(
    `Its audit trail ends at ${formatHead(trail.head)}. Save this head and the master key in another place.`,
  );
  return EXIT.ok;
}

/** `restore`: replaces the database with a backup. */
export async function restore(
  terminal: Terminal,
  { file, head, forget }: { file: string; head?: string; forget?: boolean },
): Promise<number> {
  const config = readConfig(terminal.env);
  const savedHead = head === undefined ? undefined : parseHead(head);
  const restored = await restoreBackup({ config, now: Date.now }, resolve(file), { head: savedHead, forget });
  const { reapplied, archivedAs, forgotten } = restored;
  terminal.print(
    `Restored the backup to ${databaseFile(config)}. Its audit trail ends at ${formatHead(restored.head)}.`,
  );
  terminal.print(
    'All users are signed out, open invitations and reset links are revoked, and passwords are those of the backup.',
  );
  terminal.print(
    reapplied === null
      ? 'There was no database to read later revocations from. Revoke keys, disable users and service accounts, and demote admins again.'
      : `Revocations since the backup were reapplied: ${formatCounts(reapplied)}.`,
  );
  if (restored.leftWithoutAdmin)
    terminal.print(
      "There is no admin left: the backup's admins have been demoted or disabled since. Create one with `admin create EMAIL`.",
    );
  if (forgotten.length > 0)
    terminal.print(
      `Deleted the credentials of ${forgotten.join(', ')}. Set them again under Settings → AI → Tools.`,
    );
  if (archivedAs !== null) terminal.print(`The replaced database was kept as ${archivedAs}.`);
  return EXIT.ok;
}

const formatCounts = ({ keys, requests, serviceAccounts, users, admins }: ReappliedCounts): string =>
  `${keys} keys, ${requests} requests, ${users} disabled users, ${serviceAccounts} disabled service accounts, ${admins} demoted admins`;

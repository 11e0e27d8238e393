import { resolve } from 'node:path';
import { formatHead } from '~/audit/audit.schema';
import { makeBackup } from '~/backups/backup.server';
import type { ReappliedCounts } from '~/backups/reapply-revocations.server';
import { restoreBackup } from '~/backups/restore.server';
import { databaseFile, readConfig } from '~/core/config.server';
import { requireDatabaseFile } from '~/data-dir/database-file.server';
import { parseHead } from './audit.commands.server';
import { EXIT, type Terminal } from './command.server';

/** `backup`: the database in one file, while the server serves. */
export async function backup(terminal: Terminal, file: string): Promise<number> {
  const path = requireDatabaseFile(readConfig(terminal.env));
  const { bytes, trail } = await makeBackup(path, resolve(file));
  terminal.print(
    `Backed up to ${resolve(file)}: ${(bytes / 1024 / 1024).toFixed(1)} MiB, read back and sound.`,
  );
  if (trail?.ok)
    terminal.print(
      `Its audit trail ends at ${formatHead(trail.head)}; keep that elsewhere, and the master key, too.`,
    );
  if (trail === null)
    terminal.print('It has the schema of an earlier version; its audit trail was not looked at.');
  if (trail === null || trail.ok) return EXIT.ok;
  terminal.printError(`The audit trail is NOT as recorded. ${trail.fault.message}`);
  return EXIT.bad;
}

/** `restore`: a backup in the database's place. */
export async function restore(
  terminal: Terminal,
  { file, head, forget }: { file: string; head?: string; forget?: boolean },
): Promise<number> {
  const config = readConfig(terminal.env);
  const kept = head === undefined ? undefined : parseHead(head);
  const restored = await restoreBackup({ config, now: Date.now }, resolve(file), { head: kept, forget });
  const { endedAgain, aside, forgotten } = restored;
  terminal.print(
    `Restored the backup to ${databaseFile(config)}; its audit trail ends at ${formatHead(restored.head)}.`,
  );
  terminal.print(
    'Everybody is signed out, open invitations and reset links have ended, and passwords are those of the backup.',
  );
  terminal.print(
    endedAgain === null
      ? 'What ended after the backup lives again: revoke keys, disable people and service accounts, and demote admins anew.'
      : `Stayed ended, as in the database before: ${tellEnded(endedAgain)}.`,
  );
  if (restored.leftWithoutAdmin)
    terminal.print(
      'Nobody is an admin any more: the backup’s admins are none since. Make one with `admin create EMAIL`.',
    );
  if (forgotten.length > 0)
    terminal.print(
      `Deleted the credentials of ${forgotten.join(', ')}. Set them anew under Settings → AI → Tools.`,
    );
  if (aside !== null) terminal.print(`The database that was there is kept as ${aside}.`);
  return EXIT.ok;
}

const tellEnded = ({ keys, requests, serviceAccounts, users, admins }: ReappliedCounts): string =>
  `${keys} keys, ${requests} requests, ${serviceAccounts} service accounts, ${users} people, and ${admins} who were admins`;

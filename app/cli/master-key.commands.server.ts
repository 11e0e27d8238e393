import { CommandError } from '~/core/command-error';
import { errorMessage } from '~/core/error-catalogue';
import { openEncryption } from '~/master-key/master-key.server';
import { forgetLostCredentials, rotateMasterKey } from '~/master-key/master-key-rotation.server';
import { EXIT, type Terminal } from './command.server';
import { withDatabase } from './open-database.server';

/** `master-key rotate`: creates a new master key and re-encrypts all credentials with it. */
export async function rotate(terminal: Terminal): Promise<number> {
  return await withDatabase(terminal, async (context) => {
    const result = await rotateMasterKey({ ...context, encryption: await openEncryption(context) });
    if (!result.ok) throw new CommandError(errorMessage(result));
    const { keyId, credentials, moveKeyFrom } = result.value;
    const count = credentials === 1 ? '1 provider credential' : `${credentials} provider credentials`;
    terminal.print(`Re-encrypted ${count} with the new master key ${keyId}.`);
    terminal.print(
      moveKeyFrom === null
        ? 'Back up the new key apart from the database. Keep the old one only for old backups.'
        : `Put the content of ${moveKeyFrom} into MASTER_KEY or MASTER_KEY_FILE and restart the server. Until then it uses that file.`,
    );
    return EXIT.ok;
  });
}

/**
 * `master-key forget`: deletes the credentials that the master key can't decrypt. Only lists them without `--yes`,
 * because a mistyped setting makes all credentials look lost.
 */
export async function forget(terminal: Terminal, { yes = false }: { yes?: boolean }): Promise<number> {
  return await withDatabase(terminal, async (context) => {
    const lost = (await forgetLostCredentials(context, { dryRun: !yes })).join(', ');
    if (lost === '') terminal.print('The master key decrypts all provider credentials. Nothing to delete.');
    else if (yes)
      terminal.print(`Deleted the credentials of ${lost}. Set them again under Settings → AI → Tools.`);
    else
      terminal.print(
        `The master key can't decrypt the credentials of ${lost}. If the right key is lost for good, delete them with --yes.`,
      );
    return EXIT.ok;
  });
}

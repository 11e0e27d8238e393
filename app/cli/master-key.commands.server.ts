import { CommandError } from '~/core/command-error';
import { errorMessage } from '~/core/error-catalogue';
import { openEncryption } from '~/master-key/master-key.server';
import { forgetLostCredentials, rotateMasterKey } from '~/master-key/master-key-rotation.server';
import { EXIT, type Terminal } from './command.server';
import { withDatabase } from './open-database.server';

/** `master-key rotate`: a new master key, and every credential sealed anew under it. */
export async function rotate(terminal: Terminal): Promise<number> {
  return await withDatabase(terminal, async (parts) => {
    const outcome = await rotateMasterKey({ ...parts, encryption: await openEncryption(parts) });
    if (!outcome.ok) throw new CommandError(errorMessage(outcome));
    const { keyId, credentials, moveKeyFrom } = outcome.value;
    terminal.print(`Sealed ${counted(credentials)} anew under the master key ${keyId}.`);
    terminal.print(
      moveKeyFrom === null
        ? 'Back the new key up, apart from the database; the old one opens nothing any more but old backups.'
        : `Put the content of ${moveKeyFrom} into MASTER_KEY or MASTER_KEY_FILE and restart the server. Until then it uses that file.`,
    );
    return EXIT.ok;
  });
}

/**
 * `master-key forget`: deletes the credentials that the present master key cannot open. Only with `--yes`,
 * since a setting that was mistyped makes a credential look lost, too.
 */
export async function forget(terminal: Terminal, { yes = false }: { yes?: boolean }): Promise<number> {
  return await withDatabase(terminal, async (parts) => {
    const lost = await forgetLostCredentials(parts, { really: yes });
    if (lost.length === 0) terminal.print('The master key opens every provider credential; nothing is lost.');
    else if (yes)
      terminal.print(
        `Deleted the credentials of ${lost.join(', ')}. Set them anew under Settings → AI → Tools.`,
      );
    else
      terminal.print(
        `The master key cannot open the credentials of ${lost.join(', ')}. If the right key is lost for good, delete them with --yes.`,
      );
    return EXIT.ok;
  });
}

const counted = (credentials: number): string =>
  credentials === 1 ? '1 provider credential' : `${credentials} provider credentials`;

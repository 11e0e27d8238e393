import type { Encryption } from '~/crypto/encryption.server';

/**
 * Opens providers' credentials and remembers the last one of each tool under every byte of its sealed form,
 * so that a steady stream of calls decrypts once, and a changed, moved or damaged row is opened anew.
 *
 * @returns a function of the tool's id and the sealed form as `Lookup` reads it; it throws a VaultError for
 * what cannot be opened.
 */
export function createCredentialOpener(
  encryption: Pick<Encryption, 'open'>,
): (toolId: string, sealed: string) => string {
  const opened = new Map<string, { sealed: string; secret: string }>();
  return (toolId, sealed) => {
    const last = opened.get(toolId);
    if (last?.sealed === sealed) return last.secret;
    opened.delete(toolId);
    const [masterKeyId = '', nonce = '', ciphertext = ''] = sealed.split(' ');
    const secret = encryption.open(toolId, {
      masterKeyId,
      nonce: Buffer.from(nonce, 'hex'),
      sealed: Buffer.from(ciphertext, 'hex'),
    });
    opened.set(toolId, { sealed, secret });
    return secret;
  };
}

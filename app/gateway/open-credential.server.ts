import type { Encryption } from '~/crypto/encryption.server';

/**
 * Decrypts provider credentials and caches the last one of each tool together with its whole ciphertext: a steady
 * stream of calls decrypts once, and a changed, moved or corrupted row is decrypted again.
 *
 * @returns a function of the tool's id and `RoutedKey.encryptedCredential`. It throws if decryption fails.
 */
export function createCredentialOpener(
  encryption: Pick<Encryption, 'open'>,
): (toolId: string, encrypted: string) => string {
  const cache = new Map<string, { encrypted: string; secret: string }>();
  return (toolId, encrypted) => {
    const last = cache.get(toolId);
    if (last?.encrypted === encrypted) return last.secret;
    cache.delete(toolId);
    const [masterKeyId = '', nonce = '', ciphertext = ''] = encrypted.split(' ');
    const secret = encryption.open(toolId, {
      masterKeyId,
      nonce: Buffer.from(nonce, 'hex'),
      sealed: Buffer.from(ciphertext, 'hex'),
    });
    cache.set(toolId, { encrypted, secret });
    return secret;
  };
}

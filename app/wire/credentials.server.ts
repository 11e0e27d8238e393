import type { Vault } from '~/tools/vault.server';
import type { Route } from './lookup.server';

type Sealed = NonNullable<Route['credential']>;

/**
 * Opens providers' credentials and remembers the last one of each tool by every byte of its sealed form, so
 * that a steady stream of calls decrypts once, and a changed, moved or damaged row is opened anew.
 */
export function createCredentials(vault: Pick<Vault, 'open'>): (toolId: string, sealed: Sealed) => string {
  const opened = new Map<string, Sealed & { secret: string }>();
  return (toolId, sealed) => {
    const last = opened.get(toolId);
    if (
      last?.masterKeyId === sealed.masterKeyId &&
      last.nonce.equals(sealed.nonce) &&
      last.sealed.equals(sealed.sealed)
    ) {
      return last.secret;
    }
    opened.delete(toolId);
    const secret = vault.open(toolId, sealed);
    opened.set(toolId, { ...sealed, secret });
    return secret;
  };
}

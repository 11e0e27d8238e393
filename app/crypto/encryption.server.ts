import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

const CIPHER = 'aes-256-gcm';
export const MASTER_KEY_BYTES = 32;
/** 96 bits, drawn at random: no two of the few credentials ever sealed share one. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A key that seals others. `id` is public and tells keys apart; `secret` does not print. */
export interface MasterKey {
  id: string;
  secret: KeyObject;
}

/** A credential as the database keeps it. */
export interface Sealed {
  masterKeyId: string;
  nonce: Buffer;
  /** Ciphertext followed by the 16-byte authentication tag. */
  sealed: Buffer;
}

/** Seals and opens the providers' credentials, each bound to the tool that it was set for. */
export interface Encryption {
  /** The id of the master key that seals now. */
  readonly keyId: string;
  /** Seals `secret` for the tool with this id. */
  seal(toolId: string, secret: string): Sealed;
  /**
   * The secret that was sealed for this tool.
   *
   * @throws VaultError when any bit of it was changed, it was sealed for another tool, or its key is unknown.
   */
  open(toolId: string, sealed: Sealed): string;
  /**
   * Makes the key with this id the one that seals: another process has rotated.
   *
   * @throws VaultError when there is no such key.
   */
  use(keyId: string): void;
}

/** A credential that cannot be opened. The message names neither the secret nor the key. */
export class DecryptionError extends Error {}

/** The master key of these 32 bytes. Its id is a keyed hash, of which nothing leads back to the key. */
export function toMasterKey(bytes: Buffer): MasterKey {
  if (bytes.length !== MASTER_KEY_BYTES) throw new DecryptionError('a master key has 32 bytes');
  const digest = createHmac('sha256', bytes).update('my-ai-keys master key id').digest('hex');
  return { id: `mk_${digest.slice(0, 16)}`, secret: createSecretKey(bytes) };
}

/**
 * The encryption of this master key.
 *
 * @param lookUp finds a key by id that was not known at the start, so that a server goes on while its master
 * key is rotated from the command line; called only for ids that are not known yet.
 */
export function createEncryption(
  masterKey: MasterKey,
  lookUp: (keyId: string) => MasterKey | null = () => null,
): Encryption {
  const known = new Map([[masterKey.id, masterKey]]);
  let current = masterKey;

  function find(keyId: string): MasterKey {
    const key = known.get(keyId) ?? lookUp(keyId);
    if (key === null)
      throw new DecryptionError('the credential is sealed under a master key that is not here');
    known.set(key.id, key);
    return key;
  }

  return {
    get keyId() {
      return current.id;
    },
    seal: (toolId, secret) => seal(current, toolId, secret),
    open: (toolId, sealed) => open(find(sealed.masterKeyId), toolId, sealed),
    use(keyId) {
      current = find(keyId);
    },
  };
}

/** Binds the ciphertext to its tool and key: a row copied to another tool's place cannot be opened. */
const associated = (keyId: string, toolId: string): Buffer =>
  Buffer.from(JSON.stringify(['tool-credential', keyId, toolId]));

function seal(key: MasterKey, toolId: string, secret: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated(key.id, toolId));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { masterKeyId: key.id, nonce, sealed };
}

function open(key: MasterKey, toolId: string, { nonce, sealed }: Sealed): string {
  if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) {
    throw new DecryptionError('the sealed credential is not whole');
  }
  const decipher = createDecipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated(key.id, toolId));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    // Nothing is handed out before `final` has found the tag right.
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]).toString(
      'utf8',
    );
  } catch {
    throw new DecryptionError(
      'the sealed credential was changed, or is not the one of this tool and master key',
    );
  }
}

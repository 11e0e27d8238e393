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
/** Random 96 bits. A repeat is out of the question for the few credentials that are ever encrypted. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `id` is public and derived from the key. `secret` is an object that doesn't print its bytes. */
export interface MasterKey {
  id: string;
  secret: KeyObject;
}

/** An encrypted credential, as stored. */
export interface Sealed {
  masterKeyId: string;
  nonce: Buffer;
  /** Ciphertext followed by the 16-byte authentication tag. */
  sealed: Buffer;
}

/** Encrypts (seals) and decrypts (opens) provider credentials. Each is bound to one tool. */
export interface Encryption {
  /** The id of the current master key. */
  readonly keyId: string;
  /** Encrypts `secret` for a tool with the current master key. */
  seal(toolId: string, secret: string): Sealed;
  /**
   * Decrypts the secret of a tool.
   *
   * @throws DecryptionError when it was modified, belongs to another tool, or its master key is unknown.
   */
  open(toolId: string, sealed: Sealed): string;
  /**
   * Makes this master key the current one, after another process has rotated it.
   *
   * @throws DecryptionError when the key is unknown.
   */
  use(keyId: string): void;
}

/** A credential can't be decrypted. The message contains neither the secret nor the key. */
export class DecryptionError extends Error {}

/** Creates a master key from 32 bytes. Its id is an HMAC, which doesn't reveal the key. */
export function toMasterKey(bytes: Buffer): MasterKey {
  if (bytes.length !== MASTER_KEY_BYTES) throw new DecryptionError('a master key must have 32 bytes');
  const digest = createHmac('sha256', bytes).update('my-ai-keys master key id').digest('hex');
  return { id: `mk_${digest.slice(0, 16)}`, secret: createSecretKey(bytes) };
}

/**
 * @param lookUp finds a master key by its id. Called only for unknown ids, when the master key was rotated from the
 *   command line while the server runs.
 */
export function createEncryption(
  masterKey: MasterKey,
  lookUp: (keyId: string) => MasterKey | null = () => null,
): Encryption {
  const known = new Map([[masterKey.id, masterKey]]);
  let current = masterKey;

  function find(keyId: string): MasterKey {
    const key = known.get(keyId) ?? lookUp(keyId);
    if (key === null) throw new DecryptionError('the master key of the credential is not available');
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

/** Binds the ciphertext to its tool and key, so that a row copied to another tool can't be decrypted. */
const associatedData = (keyId: string, toolId: string): Buffer =>
  Buffer.from(JSON.stringify(['tool-credential', keyId, toolId]));

function seal(key: MasterKey, toolId: string, secret: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(key.id, toolId));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { masterKeyId: key.id, nonce, sealed };
}

function open(key: MasterKey, toolId: string, { nonce, sealed }: Sealed): string {
  if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) {
    throw new DecryptionError('the encrypted credential is incomplete');
  }
  const decipher = createDecipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(key.id, toolId));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    // `final` throws if the tag is wrong: no unauthenticated plaintext is returned.
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]).toString(
      'utf8',
    );
  } catch {
    throw new DecryptionError(
      'the encrypted credential was modified, or belongs to another tool or master key',
    );
  }
}

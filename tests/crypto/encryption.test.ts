import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEncryption, DecryptionError, type Sealed, toMasterKey } from '~/crypto/encryption.server';

const SECRET = 'sk-provider-0123456789';
const newKey = () => toMasterKey(randomBytes(32));

/** Every copy of `bytes` with one bit flipped. */
function* flipped(bytes: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield copy;
  }
}

describe('credential encryption', () => {
  const key = newKey();
  const encryption = createEncryption(key);
  const sealed = encryption.seal('tool_1', SECRET);

  it('decrypts what it encrypted, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (secret, toolId) => {
        expect(encryption.open(toolId, encryption.seal(toolId, secret))).toBe(secret);
      }),
    );
  });

  it('uses a new nonce each time, and the ciphertext doesn’t contain the secret', () => {
    const again = encryption.seal('tool_1', SECRET);
    expect(again.nonce).not.toEqual(sealed.nonce);
    expect(again.sealed).not.toEqual(sealed.sealed);
    expect(sealed.sealed.includes(SECRET)).toBe(false);
    expect(sealed.sealed).toHaveLength(SECRET.length + 16);
  });

  it.each(['sealed', 'nonce'] as const)('rejects a changed bit anywhere in `%s`', (field) => {
    for (const bytes of flipped(sealed[field])) {
      expect(() => encryption.open('tool_1', { ...sealed, [field]: bytes })).toThrow(DecryptionError);
    }
  });

  it('rejects a changed bit anywhere in the master key id, even if a key is found for it', () => {
    for (const bytes of flipped(Buffer.from(sealed.masterKeyId))) {
      const masterKeyId = bytes.toString('latin1');
      const anyId = createEncryption(newKey(), () => ({ ...key, id: masterKeyId }));
      expect(() => encryption.open('tool_1', { ...sealed, masterKeyId })).toThrow(DecryptionError);
      expect(() => anyId.open('tool_1', { ...sealed, masterKeyId })).toThrow(DecryptionError);
    }
  });

  it('rejects a credential of another tool', () => {
    for (const bytes of flipped(Buffer.from('tool_1'))) {
      expect(() => encryption.open(bytes.toString('latin1'), sealed)).toThrow(DecryptionError);
    }
  });

  it('rejects a truncated credential and a nonce of another length', () => {
    for (let length = 0; length < sealed.sealed.length; length++) {
      const cut: Sealed = { ...sealed, sealed: sealed.sealed.subarray(0, length) };
      expect(() => encryption.open('tool_1', cut)).toThrow(DecryptionError);
    }
    for (const length of [0, 11, 13, 16]) {
      expect(() => encryption.open('tool_1', { ...sealed, nonce: Buffer.alloc(length) })).toThrow(
        DecryptionError,
      );
    }
  });

  it('rejects a credential encrypted with another master key', () => {
    expect(() => createEncryption(newKey()).open('tool_1', sealed)).toThrow(DecryptionError);
  });

  it('decrypts with a key looked up later, and encrypts with it only after `use`', () => {
    const before = newKey();
    const withLookUp = createEncryption(before, (id) => (id === key.id ? key : null));
    expect(withLookUp.open('tool_1', sealed)).toBe(SECRET);
    expect(withLookUp.keyId).toBe(before.id);
    withLookUp.use(key.id);
    expect(withLookUp.seal('tool_1', SECRET).masterKeyId).toBe(key.id);
    expect(() => withLookUp.use('mk_unknown')).toThrow(DecryptionError);
  });

  it('never prints the secret or the key, and leaves them out of errors', () => {
    const bytes = Buffer.alloc(32, 0x41);
    const printed = inspect([toMasterKey(bytes), createEncryption(toMasterKey(bytes))], { depth: 9 });
    expect(printed).not.toContain('AAAA');
    expect(printed).not.toContain('41 41');
    expect(() => encryption.open('tool_2', sealed)).toThrow(/^(?!.*sk-provider)/);
  });
});

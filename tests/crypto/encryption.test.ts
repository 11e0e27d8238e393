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

describe('the encryption', () => {
  const key = newKey();
  const encryption = createEncryption(key);
  const sealed = encryption.seal('tool_1', SECRET);

  it('opens what it sealed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (secret, toolId) => {
        expect(encryption.open(toolId, encryption.seal(toolId, secret))).toBe(secret);
      }),
    );
  });

  it('never seals twice alike, and the sealed form does not hold the secret', () => {
    const again = encryption.seal('tool_1', SECRET);
    expect(again.nonce).not.toEqual(sealed.nonce);
    expect(again.sealed).not.toEqual(sealed.sealed);
    expect(sealed.sealed.includes(SECRET)).toBe(false);
    expect(sealed.sealed).toHaveLength(SECRET.length + 16);
  });

  it('refuses a credential with any one bit of its ciphertext or tag changed', () => {
    for (const bytes of flipped(sealed.sealed)) {
      expect(() => encryption.open('tool_1', { ...sealed, sealed: bytes })).toThrow(DecryptionError);
    }
  });

  it('refuses a credential with any one bit of its nonce changed', () => {
    for (const nonce of flipped(sealed.nonce)) {
      expect(() => encryption.open('tool_1', { ...sealed, nonce })).toThrow(DecryptionError);
    }
  });

  it('refuses a credential with any one bit of its master key id changed, though the key be found', () => {
    for (const bytes of flipped(Buffer.from(sealed.masterKeyId))) {
      const masterKeyId = bytes.toString('latin1');
      const gullible = createEncryption(newKey(), () => ({ ...key, id: masterKeyId }));
      expect(() => encryption.open('tool_1', { ...sealed, masterKeyId })).toThrow(DecryptionError);
      expect(() => gullible.open('tool_1', { ...sealed, masterKeyId })).toThrow(DecryptionError);
    }
  });

  it('refuses a credential in the place of another tool, one bit away', () => {
    for (const bytes of flipped(Buffer.from('tool_1'))) {
      expect(() => encryption.open(bytes.toString('latin1'), sealed)).toThrow(DecryptionError);
    }
  });

  it('refuses a credential cut short anywhere, and one with a nonce of another length', () => {
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

  it('refuses what another master key sealed', () => {
    expect(() => createEncryption(newKey()).open('tool_1', sealed)).toThrow(DecryptionError);
  });

  it('opens with a key that it finds later, and seals with it only when told to', () => {
    const before = newKey();
    const following = createEncryption(before, (id) => (id === key.id ? key : null));
    expect(following.open('tool_1', sealed)).toBe(SECRET);
    expect(following.keyId).toBe(before.id);
    following.use(key.id);
    expect(following.seal('tool_1', SECRET).masterKeyId).toBe(key.id);
    expect(() => following.use('mk_unknown')).toThrow(DecryptionError);
  });

  it('shows neither secret nor key when it is printed or fails', () => {
    const bytes = Buffer.alloc(32, 0x41);
    const printed = inspect([toMasterKey(bytes), createEncryption(toMasterKey(bytes))], { depth: 9 });
    expect(printed).not.toContain('AAAA');
    expect(printed).not.toContain('41 41');
    expect(() => encryption.open('tool_2', sealed)).toThrow(/^(?!.*sk-provider)/);
  });
});

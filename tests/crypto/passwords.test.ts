import { parseOptions } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { newPassword } from '~/auth/auth.schema';
import { checkPasswordStrength, hashPassword, verifyPassword } from '~/crypto/passwords.server';

describe('password hashing', () => {
  it('uses argon2id with at least 19 MiB and two passes, and a new salt each time', async () => {
    const [one, two] = await Promise.all([hashPassword('seven otters'), hashPassword('seven otters')]);
    expect(one).toMatch(/^\$argon2id\$/);
    const { memoryCost, timeCost, parallelism } = parseOptions(one ?? '');
    expect(memoryCost).toBeGreaterThanOrEqual(19_456);
    expect(timeCost).toBeGreaterThanOrEqual(2);
    expect(parallelism).toBe(1);
    expect(one).not.toBe(two);
  });

  it('verifies only the same password, however a keyboard composes its accents', async () => {
    const stored = await hashPassword('caf\u00e9 au lait, sept fois');
    expect(await verifyPassword(stored, 'caf\u00e9 au lait, sept fois')).toBe(true);
    expect(await verifyPassword(stored, 'cafe\u0301 au lait, sept fois')).toBe(true);
    expect(await verifyPassword(stored, 'Caf\u00e9 au lait, sept fois')).toBe(false);
    expect(await verifyPassword(stored, '')).toBe(false);
    expect(await verifyPassword(null, 'caf\u00e9 au lait, sept fois')).toBe(false);
  });
});

it.each([
  ['x', 11, false],
  ['x', 12, true],
  ['x', 128, true],
  ['x', 129, false],
  // JavaScript counts each of these as two.
  ['🦦', 11, false],
  ['🦦', 128, true],
])('a password of %s × %i is accepted by length: %s', (character, length, accepted) => {
  expect(newPassword.safeParse(character.repeat(length)).success).toBe(accepted);
});

describe('password strength', () => {
  const personal = ['grace.hopper@navy.example', 'Grace Hopper'];

  it.each([
    'password1234',
    'Password123456',
    'P@ssw0rd1234',
    'p4$$w0rd1234',
    '5un5h1n31234',
    '|l0v3y0u1234',
    'qwertyuiop123',
    'aaaaaaaaaaaaaaaa',
    'abcabcabcabcabc',
    '123456789012345',
    'adminadminadmin',
    'hunter2hunter2',
    'gracehopper1',
    'grace.hopper@navy.example',
    'GraceHopper99',
  ])('rejects a common, patterned or personal password: %s', (password) => {
    expect(checkPasswordStrength(password, personal)).toMatchObject({ ok: false, reason: 'weak-password' });
  });

  it('explains why a password is rejected', () => {
    expect(checkPasswordStrength('password1234', [])).toMatchObject({
      details: { why: 'it is similar to a common password' },
    });
  });

  it.each([
    'correct horse battery staple',
    'seven otters under glass',
    'vK9#mQ2$xL7!pR',
    'Zwölf Boxkämpfer jagen',
  ])('accepts a password that is hard to guess: %s', (password) => {
    expect(checkPasswordStrength(password, personal)).toEqual({ ok: true, value: null });
  });
});

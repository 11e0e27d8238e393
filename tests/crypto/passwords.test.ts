import { parseOptions } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { newPassword } from '~/auth/auth.schema';
import { checkPasswordStrength, hashPassword, verifyPassword } from '~/crypto/passwords.server';

const verdict = (password: string, about: string[] = []) => {
  const outcome = checkPasswordStrength(password, about);
  return outcome.ok ? 'accepted' : outcome.reason;
};

describe('passwords', () => {
  it('are kept as argon2id of at least 19 MiB and two passes, each with a salt of its own', async () => {
    const [one, two] = await Promise.all([hashPassword('seven otters'), hashPassword('seven otters')]);
    expect(one).toMatch(/^\$argon2id\$/);
    const { memoryCost, timeCost, parallelism } = parseOptions(one ?? '');
    expect(memoryCost).toBeGreaterThanOrEqual(19_456);
    expect(timeCost).toBeGreaterThanOrEqual(2);
    expect(parallelism).toBe(1);
    expect(one).not.toBe(two);
  });

  it('match themselves and nothing else', async () => {
    const stored = await hashPassword('seven otters under glass');
    expect(await verifyPassword(stored, 'seven otters under glass')).toBe(true);
    expect(await verifyPassword(stored, 'Seven otters under glass')).toBe(false);
    expect(await verifyPassword(stored, '')).toBe(false);
  });

  it('match however a keyboard composes their accents', async () => {
    const stored = await hashPassword('caf\u00e9 au lait, sept fois');
    expect(await verifyPassword(stored, 'cafe\u0301 au lait, sept fois')).toBe(true);
  });

  it('never match where there is no account', async () => {
    expect(await verifyPassword(null, 'seven otters under glass')).toBe(false);
  });

  it('have 12 to 128 characters', () => {
    expect(newPassword.safeParse('x'.repeat(11)).success).toBe(false);
    expect(newPassword.safeParse('x'.repeat(12)).success).toBe(true);
    expect(newPassword.safeParse('x'.repeat(128)).success).toBe(true);
    expect(newPassword.safeParse('x'.repeat(129)).success).toBe(false);
    // JavaScript counts each of these as two.
    expect(newPassword.safeParse('🦦'.repeat(11)).success).toBe(false);
    expect(newPassword.safeParse('🦦'.repeat(128)).success).toBe(true);
  });

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
  ])('are refused when they are common or a pattern: %s', (password) => {
    expect(verdict(password)).toBe('weak-password');
  });

  it('are refused when they are the person’s own name or address', () => {
    const about = ['grace.hopper@navy.example', 'Grace Hopper'];
    for (const password of ['gracehopper1', 'grace.hopper@navy.example', 'GraceHopper99'])
      expect(verdict(password, about), password).toBe('weak-password');
  });

  it('say why they are refused', () => {
    const refusal = checkPasswordStrength('password1234', []);
    expect(refusal).toMatchObject({ ok: false, details: { why: 'it is close to a common password' } });
  });

  it.each([
    'correct horse battery staple',
    'seven otters under glass',
    'vK9#mQ2$xL7!pR',
    'Zwölf Boxkämpfer jagen',
  ])('are let in when a guesser would come to them late: %s', (password) =>
    expect(verdict(password, ['ada@example.com', 'Ada'])).toBe('accepted'),
  );
});

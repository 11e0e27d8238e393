import { expect, it } from 'vitest';
import { z } from 'zod';
import { readForm } from '~/api/read-form.server';
import { changePasswordInput, email } from '~/auth/auth.schema';
import { reason, revokeInput } from '~/keys/keys.schema';

const post = (fields: [string, string][]) =>
  new Request('http://keys.test/', { method: 'POST', body: new URLSearchParams(fields) });

const schema = z.object({
  email,
  note: z.string().optional(),
  isOn: z.boolean().optional(),
  keyId: z.array(z.string()),
  reason: revokeInput.shape.reason,
});

it('reads trimmed strings, checkboxes and repeated fields, and missing fields as empty', async () => {
  const { input, values } = await readForm(
    post([
      ['email', ' Ada@example.com '],
      ['isOn', 'on'],
      ['keyId', 'a'],
      ['keyId', 'b'],
      ['unknown', 'x'],
    ]),
    schema,
  );
  expect(input).toEqual({ email: 'Ada@example.com', note: '', isOn: true, keyId: ['a', 'b'], reason: '' });
  expect(values).toMatchObject({ email: 'Ada@example.com', note: '', isOn: 'on', reason: '' });
  expect((await readForm(post([]), schema)).input).toMatchObject({ isOn: false, keyId: [] });
});

it('neither trims secrets nor gives them back', async () => {
  const { input, values } = await readForm(
    post([
      ['currentPassword', ' old one '],
      ['newPassword', ' new one '],
    ]),
    changePasswordInput,
  );
  expect(input).toEqual({ currentPassword: ' old one ', newPassword: ' new one ' });
  expect(values).toEqual({ currentPassword: '', newPassword: '' });
});

it('validates on demand, with one message per field', async () => {
  const form = z.object({ reason });
  expect((await readForm(post([['reason', ' too late ']]), form)).validate()).toEqual({
    ok: true,
    data: { reason: 'too late' },
  });
  expect((await readForm(post([['reason', ' ']]), form)).validate()).toMatchObject({
    ok: false,
    status: 400,
    reason: 'invalid-input',
    fields: { reason: expect.stringMatching(/\w/) },
  });
});

import { z } from 'zod';
import { MAX_EMAIL_LENGTH, MAX_PERSON_NAME_LENGTH, ONE_LINE } from '~/core/limits';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from './password-rule';

/** An email address, lower-cased: the form in which it is stored and compared. */
export const email = z
  .string('Enter an email address.')
  .trim()
  .toLowerCase()
  .max(MAX_EMAIL_LENGTH, 'This email address is too long.')
  .pipe(z.email('Enter an email address, such as ada@example.com.'));

/** A person's display name: one line, since it appears in lists and in the audit trail. */
export const personName = z
  .string('Enter a name.')
  .trim()
  .min(1, 'Enter a name.')
  .max(MAX_PERSON_NAME_LENGTH, `Use at most ${MAX_PERSON_NAME_LENGTH} characters.`)
  .regex(ONE_LINE, 'Use a single line.');

/** A new password. Its strength is checked on the server (`checkPasswordStrength`). */
export const newPassword = z
  .string('Choose a password.')
  .min(PASSWORD_MIN_LENGTH, `Use at least ${PASSWORD_MIN_LENGTH} characters.`)
  .max(PASSWORD_MAX_LENGTH, `Use at most ${PASSWORD_MAX_LENGTH} characters.`)
  .meta({ writeOnly: true });

/** A password to verify. The limit only bounds the cost of hashing it. */
const currentPassword = z
  .string('Enter your password.')
  .min(1, 'Enter your password.')
  .max(1000, 'This password is too long.')
  .meta({ writeOnly: true });

/** The secret part of a one-time link. */
const token = z.string().min(1).max(200);

export const signInInput = z.object({ email, password: currentPassword });
export const changePasswordInput = z.object({ currentPassword, newPassword });
export const setUpInput = z.object({ token, name: personName, email, password: newPassword });
export const setupStateInput = z.object({ token }).optional();
export const invitationInput = z.object({ token });
export const acceptInvitationInput = z.object({ token, name: personName, password: newPassword });
export const resetLinkInput = z.object({ token });
export const resetPasswordInput = z.object({ token, password: newPassword });

/** One of a user's sessions. Times are in milliseconds since the epoch. */
export interface SessionView {
  /** Whether this call used it. */
  current: boolean;
  createdAt: number;
  /** When the session ends if it isn't used before. */
  expiresAt: number;
  address: string;
  userAgent: string;
}

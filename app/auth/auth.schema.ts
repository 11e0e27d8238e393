import { z } from 'zod';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from './password-rule';

/** An e-mail address, folded to the one form in which it is stored and compared. */
export const email = z
  .string('Enter an e-mail address.')
  .trim()
  .toLowerCase()
  .max(254, 'This is longer than an e-mail address can be.')
  .pipe(z.email('Enter an e-mail address, such as ada@example.com.'));

/** What people are called on pages and the audit trail: one line. */
export const personName = z
  .string('Enter a name.')
  .trim()
  .min(1, 'Enter a name.')
  .max(100, 'Keep the name to 100 characters.')
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'Keep the name to one line.');

/** A password that somebody chooses; whether it is easily guessed is looked at on the server. */
export const newPassword = z
  .string('Choose a password.')
  .min(PASSWORD_MIN_LENGTH, `Use at least ${PASSWORD_MIN_LENGTH} characters.`)
  .max(PASSWORD_MAX_LENGTH, `Use at most ${PASSWORD_MAX_LENGTH} characters.`);

/** A password that somebody claims to have; its bound only keeps the hashing's work small. */
const presentedPassword = z
  .string('Enter your password.')
  .min(1, 'Enter your password.')
  .max(1000, 'This is longer than any password here.');

/** The secret part of a one-time link. */
const token = z.string().min(1).max(200);

export const signInInput = z.object({ email, password: presentedPassword });
export const changePasswordInput = z.object({ currentPassword: presentedPassword, newPassword });
export const setUpInput = z.object({ token, name: personName, email, password: newPassword });
export const setupStateInput = z.object({ token }).optional();
export const invitationInput = z.object({ token });
export const acceptInvitationInput = z.object({ token, name: personName, password: newPassword });

export const resetLinkInput = z.object({ token });
export const resetPasswordInput = z.object({ token, password: newPassword });

/** One of a person's own browsers that is signed in. Times in milliseconds since the epoch. */
export interface SessionView {
  /** Whether it is the one that asks. */
  current: boolean;
  createdAt: number;
  /** When it ends unless it is used before. */
  expiresAt: number;
  address: string;
  userAgent: string;
}

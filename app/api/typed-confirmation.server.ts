import { type FormError, formError } from './call-from-route.server';

/**
 * Checks what was typed into `TypedConfirmation`: null if it is `expected`, or if nothing has to be typed. It guards
 * against haste and isn't a permission: the API revokes without it.
 */
export function confirmationError(expected: string | null, typed: string): FormError | null {
  if (expected === null || typed.trim() === expected) return null;
  return formError('not-confirmed', { confirmation: `That doesn’t match. Type ${expected}.` });
}

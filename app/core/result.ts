import type { ErrorDetails, ErrorReason } from './error-catalogue';

/** An expected failure, as a value. Bugs are exceptions. */
export interface Err {
  ok: false;
  reason: ErrorReason;
  details: ErrorDetails;
}

/** The return value of a function that can fail in expected ways. */
export type Result<T> = { ok: true; value: T } | Err;

export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });

export const err = (reason: ErrorReason, details: ErrorDetails = {}): Err => ({ ok: false, reason, details });

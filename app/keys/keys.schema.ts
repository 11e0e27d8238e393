import { z } from 'zod';
import { type Environment, environments, type KeyStatus } from '~db/schema/words';

/** One line, as it will stand on the audit trail. Control and line-separating characters are refused. */
export const purpose = z
  .string('Say what the key is for.')
  .trim()
  .min(3, 'Say what the key is for, in at least 3 characters.')
  .max(200, 'Keep the purpose to 200 characters.')
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'Keep the purpose to one line.');

/** Why a person refuses or revokes; the holder reads it. */
export const reason = z
  .string('Say why: the holder will read the reason.')
  .trim()
  .min(3, 'Say why, in at least 3 characters: the holder will read it.')
  .max(500, 'Keep the reason to 500 characters.');

export const keyId = z.string().regex(/^key_[0-9a-z]{20}$/, 'This is not the id of a key.');

export const requestKeyInput = z.object({
  /** The tool's slug. */
  tool: z.string().min(1).max(100),
  environment: z.enum(environments, 'Pick one of the environments.'),
  purpose,
});

export const keyIdInput = z.object({ keyId });

export const revokeInput = z.object({
  keyId,
  /** Required of an admin who revokes somebody else's key. */
  reason: z.preprocess((given) => (given === '' ? undefined : given), reason.optional()),
});

/** A key as answers show it. Never a hash; times in milliseconds since the epoch. */
export interface KeyView {
  id: string;
  tool: { slug: string; displayName: string };
  environment: Environment;
  purpose: string;
  status: KeyStatus;
  /** What the holder recognises it by; null before the reveal. */
  prefix: string | null;
  revealed: boolean;
  createdAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
  rejectionReason: string | null;
  /** Given when an admin revoked it. */
  revocationReason: string | null;
}

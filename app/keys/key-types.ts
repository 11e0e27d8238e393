import type { Environment, KeyStatus } from '~db/schema/words';

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

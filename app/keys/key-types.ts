import type { Environment, KeyStatus } from '~db/schema/enums';

/** How a key came to its end: rejected as a request, taken back as one, or revoked. */
export interface KeyEnd {
  as: 'rejected' | 'withdrawn' | 'revoked';
  at: number;
  /** Who ended it; null when the server did, as after a restore. */
  by: { name: string; isHolder: boolean } | null;
  /** What they gave as the reason; always given for a rejection, and by an admin who revokes another's key. */
  reason: string | null;
}

/** A key as answers show it. Never a hash; times in milliseconds since the epoch. */
export interface KeyView {
  id: string;
  tool: {
    slug: string;
    displayName: string;
    /** Only there for a tool that is archived, whose keys the gateway refuses. */
    archived?: true;
  };
  environment: Environment;
  purpose: string;
  status: KeyStatus;
  /** What the holder recognises it by; null before the reveal. */
  prefix: string | null;
  revealed: boolean;
  createdAt: number;
  lastUsedAt: number | null;
  /** Null while it is live. */
  ended: KeyEnd | null;
}

import { z } from 'zod';
import { type KeyView, keyId, reason } from '~/keys/keys.schema';
import type { Decision, Environment, KeyStatus } from '~db/schema/enums';

export const approveInput = z.object({ keyId });

export const rejectInput = z.object({ keyId, reason });

/** Another live key of the requester's. */
export interface OtherKey {
  id: string;
  tool: { slug: string; displayName: string };
  environment: Environment;
  status: KeyStatus;
  lastUsedAt: number | null;
}

/** An earlier request of the requester's. */
export interface PastDecision {
  tool: { slug: string; displayName: string };
  environment: Environment;
  decision: Decision;
  decidedAt: number;
  reason: string | null;
}

/** A pending request with what an admin needs to decide on it. */
export interface PendingRequest {
  key: KeyView;
  requester: { id: string; name: string; email: string };
  /** For the admin who asks; `as-only-admin` is recorded as self-approved. */
  mayDecide: 'yes' | 'as-only-admin' | 'no';
  otherKeys: OtherKey[];
  pastDecisions: PastDecision[];
}

import { z } from 'zod';
import type { KeyView } from '~/keys/key-types';
import { keyId, reason } from '~/keys/keys.schema';
import type { Decision, Environment, KeyStatus } from '~db/schema/enums';

export const approveInput = z.object({ keyId });

export const rejectInput = z.object({ keyId, reason });

/** A key that the requester holds besides the one asked for. */
export interface OtherKey {
  id: string;
  tool: { slug: string; displayName: string };
  environment: Environment;
  status: KeyStatus;
  lastUsedAt: number | null;
}

/** How an earlier request of the same person ended. */
export interface PastDecision {
  tool: { slug: string; displayName: string };
  environment: Environment;
  decision: Decision;
  decidedAt: number;
  reason: string | null;
}

/** A pending request, with what an admin needs to decide without asking. */
export interface PendingRequest {
  key: KeyView;
  requester: { id: string; name: string; email: string };
  /** Whether the admin who looks may decide; `as-only-admin` is recorded as self-approved. */
  mayDecide: 'yes' | 'as-only-admin' | 'no';
  otherKeys: OtherKey[];
  pastDecisions: PastDecision[];
}

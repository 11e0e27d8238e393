import { z } from 'zod';
import type { Dialect, Environment, KeyStatus } from '~db/schema/words';

/** Procedures name a tool by its slug. */
export const toolInput = z.object({ tool: z.string('Name the tool by its slug.').min(1).max(100) });

export const setRequiresApprovalInput = toolInput.extend({ requiresApproval: z.boolean() });

/** A tool as every member may see it: what it is and how clients are pointed at it. */
export interface ToolForMember {
  slug: string;
  displayName: string;
  requiresApproval: boolean;
  /** The preset that it was made from; null for a custom tool. */
  preset: string | null;
  dialect: Dialect;
  /** What a client's base URL ends in below `/wire/<slug>`, such as `/v1`. */
  clientPath: string;
  /** Where the tool's list of models is below `/wire/<slug>`. */
  modelsPath: string;
  /** The header that the `generic` dialect's clients may send their key in, too. */
  credentialHeader: string | null;
  /** False until an admin has set the provider credential that it needs: its keys are answered 503. */
  connected: boolean;
}

/** What the request drawer needs to know about one environment of a tool. */
export interface EnvironmentOffer {
  environment: Environment;
  /** True: an admin decides before there is a key. */
  needsApproval: boolean;
  /** The user's own live key, which keeps them from requesting another; `since` when it was requested. */
  live: { keyId: string; status: KeyStatus; since: number } | null;
}

export interface ToolForRequest {
  tool: ToolForMember;
  environments: EnvironmentOffer[];
}

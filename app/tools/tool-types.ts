import type { Dialect, Environment, KeyStatus } from '~db/schema/enums';

/** A tool as every member may see it: what it is and how clients are pointed at it. */
export interface ToolForMember {
  slug: string;
  displayName: string;
  requiresApproval: boolean;
  /** The preset that it was made from; null for a custom tool. */
  preset: string | null;
  dialect: Dialect;
  /** What a client's base URL ends in below `/gateway/<slug>`, such as `/v1`. */
  clientPath: string;
  /** Where the tool's list of models is below `/gateway/<slug>`. */
  modelsPath: string;
  /** The header that the `generic` dialect's clients may send their key in, too. */
  credentialHeader: string | null;
  /** False until an admin has set the provider credential that it needs: its keys are answered 503. */
  connected: boolean;
}

/** What the request drawer needs to know about one environment of a tool. */
interface EnvironmentOffer {
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

/** A tool as admins see it. Of the credential only that there is one. */
export interface ToolView extends ToolForMember {
  id: string;
  /** Null for the tool that the server answers itself. */
  upstreamUrl: string | null;
  needsCredential: boolean;
  allowsPlainHttp: boolean;
  headersTimeoutMs: number;
  maxConcurrentPerKey: number | null;
  maxConcurrent: number | null;
  createdAt: number;
  archivedAt: number | null;
  credential: { setAt: number; setBy: string } | null;
  /** True once a key has been requested: clients are set up with the slug. */
  slugFixed: boolean;
  /** Keys that are PENDING or ACTIVE. */
  liveKeys: number;
}

/** What came of a call to the upstream's list of models. Never its body, never the credential. */
export interface ConnectionTest {
  ok: boolean;
  /** The upstream's HTTP status; null when it did not answer. */
  status: number | null;
  ms: number;
  /** For people: what it means and what to do. */
  message: string;
}

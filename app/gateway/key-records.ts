import type { Dialect, Environment } from '~db/schema/enums';

/** What the check reads of a key, its holder and its tool. */
export interface KeyRecord {
  id: string;
  isActive: boolean;
  revokedAt: number | null;
  /** The person's id, or the service account's. */
  holderId: string;
  isHolderDisabled: boolean;
  toolId: string;
  /** Is its tool the one that was asked for? */
  isForTool: boolean;
  isToolArchived: boolean;
}

/** What the verify endpoint tells on top of that. */
export interface VerifiedKey extends KeyRecord {
  environment: Environment;
  /** The person's e-mail address, or the service account's name, which has no `@`. */
  holder: string;
}

/** What the proxy needs on top of it: where the tool's calls go, and how. */
export interface RoutedKey extends KeyRecord {
  dialect: Dialect;
  /** Null for a tool that the server answers itself. */
  upstreamUrl: string | null;
  credentialHeader: string | null;
  needsCredential: boolean;
  allowsPlainHttp: boolean;
  headersTimeoutMs: number;
  maxConcurrentPerKey: number | null;
  maxConcurrent: number | null;
  /** The sealed provider credential: master key id, nonce and ciphertext, the latter two hexadecimal. */
  sealed: string | null;
}

/** A tool as a refusal needs it, for callers who have shown no key of its own. */
export interface NamedTool {
  id: string;
  name: string;
  dialect: Dialect;
}

/** A key in words. */
export interface KeyDescription {
  environment: Environment;
  /** As in `VerifiedKey`. */
  holder: string;
  toolName: string;
}

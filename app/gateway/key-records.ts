import type { Dialect, Environment } from '~db/schema/enums';

/** What the key check reads of a key, its holder and its tool. */
export interface KeyRecord {
  id: string;
  isActive: boolean;
  revokedAt: number | null;
  /** A user's or a service account's id. */
  holderId: string;
  isHolderDisabled: boolean;
  toolId: string;
  /** Whether the key belongs to the requested tool. */
  isForTool: boolean;
  isToolArchived: boolean;
}

/** A key as the verify endpoint returns it. */
export interface VerifiedKey extends KeyRecord {
  environment: Environment;
  /** A user's email address or a service account's name, which contains no `@`. */
  holder: string;
}

/** A key as the proxy endpoint needs it, with its tool's upstream settings. */
export interface RoutedKey extends KeyRecord {
  dialect: Dialect;
  /** Null for the built-in tool. */
  upstreamUrl: string | null;
  credentialHeader: string | null;
  needsCredential: boolean;
  allowsPlainHttp: boolean;
  headersTimeoutMs: number;
  maxConcurrentPerKey: number | null;
  maxConcurrent: number | null;
  /** Master key id, nonce and ciphertext of the provider credential, separated by spaces, the latter two in hex. */
  encryptedCredential: string | null;
}

/** What errors say about a tool, also to callers who presented no valid key. */
export interface ToolSummary {
  id: string;
  name: string;
  dialect: Dialect;
}

/** What errors and the audit trail say about a key. */
export interface KeyDescription {
  environment: Environment;
  /** As in `VerifiedKey`. */
  holder: string;
  toolName: string;
}

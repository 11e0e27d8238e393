import type { KeyKind } from '~/crypto/key-format.server';
import type { Database } from '~db/sqlite/connection.server';
import type { Dialect, Environment } from '~db/schema/enums';
import { prepareKeyReads } from './key-queries.server';

/** What the check reads of a key, its holder and its tool. */
export interface FoundKey {
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

/** What the verify door tells on top of that. */
export interface VerifiedKey extends FoundKey {
  environment: Environment;
  /** The person's e-mail address, or the service account's name, which has no `@`. */
  holder: string;
}

/** What the proxy needs on top of it: where the tool's calls go, and how. */
export interface RoutedKey extends FoundKey {
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

/** The gateway's reads, prepared, on the read connection: each sees every change that was committed before it. */
export interface Lookup {
  /** The key of this kind with this hash, in one read; `slug` is the tool that was asked for. */
  verified(hash: string, slug: string, kind: KeyKind): VerifiedKey | null;
  /** The same for the proxy door. */
  routed(hash: string, slug: string, kind: KeyKind): RoutedKey | null;
  /** What the trail and the words of a refusal say of a key. */
  description(keyId: string): KeyDescription | null;
  /** The tool with this slug, archived or not. Remembered until `forgetTools`. */
  tool(slug: string): NamedTool | null;
  forgetTools(): void;
  isToolArchived(toolId: string): boolean;
  isUserDisabled(userId: string): boolean;
  isServiceAccountDisabled(id: string): boolean;
  /** The upstream URLs of all tools. */
  upstreamUrls(): Set<string>;
}

/** Prepares the gateway's reads. */
export function prepareLookup({ connections: { read } }: Pick<Database, 'connections'>): Lookup {
  const bySlug = read.prepare<[string], NamedTool>(
    'select id, display_name as name, dialect from tools where slug = ?',
  );
  const archived = read.prepare<[string]>('select 1 from tools where id = ? and archived_at is not null');
  const disabled = read.prepare<[string]>('select 1 from users where id = ? and disabled_at is not null');
  const accountDisabled = read.prepare<[string]>(
    'select 1 from service_accounts where id = ? and disabled_at is not null',
  );
  const urls = read
    .prepare<[], string>('select upstream_url from tools where upstream_url is not null')
    .pluck();

  const tools = new Map<string, NamedTool>();

  return {
    ...prepareKeyReads(read),
    tool(slug) {
      const remembered = tools.get(slug);
      if (remembered !== undefined) return remembered;
      const found = bySlug.get(slug);
      if (found === undefined) return null;
      tools.set(slug, found); // only slugs that exist: strangers cannot fill the memory
      return found;
    },
    forgetTools: () => tools.clear(),
    isToolArchived: (toolId) => archived.get(toolId) !== undefined,
    isUserDisabled: (userId) => disabled.get(userId) !== undefined,
    isServiceAccountDisabled: (id) => accountDisabled.get(id) !== undefined,
    upstreamUrls: () => new Set(urls.all()),
  };
}

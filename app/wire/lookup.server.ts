import type { Database } from '~db/client.server';
import type { Dialect, Environment } from '~db/schema/words';

/** What the check reads of a key, its holder and its tool. */
export interface FoundKey {
  id: string;
  isActive: boolean;
  revokedAt: number | null;
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
  holderEmail: string;
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

/** The wire's reads, prepared, on the read connection: each sees every change that was committed before it. */
export interface Lookup {
  /** The key with this hash, in one read; `slug` is the tool that was asked for. */
  verified(hash: string, slug: string): VerifiedKey | null;
  /** The same for the proxy door. */
  routed(hash: string, slug: string): RoutedKey | null;
  /** What the trail and the words of a refusal say of a key. */
  description(keyId: string): { environment: Environment; holderEmail: string; toolName: string } | null;
  /** The tool with this slug, archived or not. Remembered until `forgetTools`. */
  tool(slug: string): NamedTool | null;
  forgetTools(): void;
  isToolArchived(toolId: string): boolean;
  isUserDisabled(userId: string): boolean;
  /** The upstream URLs of all tools. */
  upstreamUrls(): Set<string>;
}

const KEY_COLUMNS = `k.id, k.status = 'ACTIVE', k.revoked_at, k.holder_id, u.disabled_at is not null,
  k.tool_id, t.slug = ?, t.archived_at is not null`;
type KeyColumns = [string, number, number | null, string, number, string, number, number];

const VERIFY_COLUMNS = 'k.environment, u.email';
type VerifyColumns = [Environment, string];

const ROUTE_COLUMNS = `t.dialect, t.upstream_url, t.credential_header, t.needs_credential, t.allows_plain_http,
  t.headers_timeout_ms, t.max_concurrent_per_key, t.max_concurrent,
  c.master_key_id || ' ' || hex(c.nonce) || ' ' || hex(c.sealed)`;
type RouteColumns = [
  Dialect,
  string | null,
  string | null,
  number,
  number,
  number,
  number | null,
  number | null,
  string | null,
];

const HOLDER_AND_TOOL = 'join users u on u.id = k.holder_id join tools t on t.id = k.tool_id';

/**
 * Prepares the wire's reads. Rows come as arrays of few, cheap columns: on this path, objects with names,
 * buffers and strings nobody looks at would cost more than finding the row.
 */
export function prepareLookup({ connections: { read } }: Pick<Database, 'connections'>): Lookup {
  const byHash = <Row>(columns: string, joins = '') =>
    read
      .prepare<[string, string], Row>(
        `select ${KEY_COLUMNS}, ${columns} from keys k ${HOLDER_AND_TOOL} ${joins} where k.hash = ?`,
      )
      .raw();
  const verified = byHash<[...KeyColumns, ...VerifyColumns]>(VERIFY_COLUMNS);
  const routed = byHash<[...KeyColumns, ...RouteColumns]>(
    ROUTE_COLUMNS,
    'left join tool_credentials c on c.tool_id = k.tool_id',
  );
  const description = read.prepare<
    [string],
    { environment: Environment; holderEmail: string; toolName: string }
  >(
    `select k.environment, u.email as holderEmail, t.display_name as toolName from keys k ${HOLDER_AND_TOOL} where k.id = ?`,
  );
  const bySlug = read.prepare<[string], NamedTool>(
    'select id, display_name as name, dialect from tools where slug = ?',
  );
  const archived = read.prepare<[string]>('select 1 from tools where id = ? and archived_at is not null');
  const disabled = read.prepare<[string]>('select 1 from users where id = ? and disabled_at is not null');
  const urls = read
    .prepare<[], string>('select upstream_url from tools where upstream_url is not null')
    .pluck();

  const tools = new Map<string, NamedTool>();

  return {
    verified(hash, slug) {
      const row = verified.get(slug, hash);
      return row === undefined ? null : verifiedKey(row);
    },
    routed(hash, slug) {
      const row = routed.get(slug, hash);
      return row === undefined ? null : routedKey(row);
    },
    description: (keyId) => description.get(keyId) ?? null,
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
    upstreamUrls: () => new Set(urls.all()),
  };
}

// Spelled out twice: an object put together from two others is several times as dear to make and to collect.
function verifiedKey(row: [...KeyColumns, ...VerifyColumns]): VerifiedKey {
  return {
    id: row[0],
    isActive: row[1] === 1,
    revokedAt: row[2],
    holderId: row[3],
    isHolderDisabled: row[4] === 1,
    toolId: row[5],
    isForTool: row[6] === 1,
    isToolArchived: row[7] === 1,
    environment: row[8],
    holderEmail: row[9],
  };
}

function routedKey(row: [...KeyColumns, ...RouteColumns]): RoutedKey {
  return {
    id: row[0],
    isActive: row[1] === 1,
    revokedAt: row[2],
    holderId: row[3],
    isHolderDisabled: row[4] === 1,
    toolId: row[5],
    isForTool: row[6] === 1,
    isToolArchived: row[7] === 1,
    dialect: row[8],
    upstreamUrl: row[9],
    credentialHeader: row[10],
    needsCredential: row[11] === 1,
    allowsPlainHttp: row[12] === 1,
    headersTimeoutMs: row[13],
    maxConcurrentPerKey: row[14],
    maxConcurrent: row[15],
    sealed: row[16],
  };
}

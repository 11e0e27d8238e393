import type { Database } from '~db/client.server';
import type { Dialect, Environment, KeyStatus } from '~db/schema/words';

/** A key as the check needs it, with its holder and tool. */
export interface FoundKey {
  id: string;
  status: KeyStatus;
  revokedAt: number | null;
  environment: Environment;
  holderId: string;
  holderEmail: string;
  holderDisabledAt: number | null;
  toolId: string;
  slug: string;
  toolName: string;
  dialect: Dialect;
  toolArchivedAt: number | null;
}

/** Where a tool's calls go, and how; what the proxy needs on top of the check. */
export interface Route {
  /** Null for a tool that the server answers itself. */
  upstreamUrl: string | null;
  credentialHeader: string | null;
  needsCredential: boolean;
  allowsPlainHttp: boolean;
  headersTimeoutMs: number;
  maxConcurrentPerKey: number | null;
  maxConcurrent: number | null;
  credential: { masterKeyId: string; nonce: Buffer; sealed: Buffer } | null;
}

/** A tool as a refusal needs it, for callers who have shown no key of its own. */
export interface NamedTool {
  id: string;
  name: string;
  dialect: Dialect;
}

/** The wire's reads. One prepared statement each, on the read connection, so that every call sees every commit. */
export interface Lookup {
  /** The key with this hash, for the verify door. */
  key(hash: string): FoundKey | null;
  /** The same, with its tool's route, in the same one read. */
  routedKey(hash: string): { key: FoundKey; route: Route } | null;
  /** The tool with this slug, archived or not. Remembered until a tool changes. */
  tool(slug: string): NamedTool | null;
  /** Forgets the tools remembered. */
  forgetTools(): void;
  isToolArchived(toolId: string): boolean;
  isUserDisabled(userId: string): boolean;
  /** Origins that some tool's calls go to. */
  upstreamUrls(): Set<string>;
}

const KEY_COLUMNS = `k.id, k.status, k.revoked_at, k.environment, u.id, u.email, u.disabled_at,
  t.id, t.slug, t.display_name, t.dialect, t.archived_at`;
const ROUTE_COLUMNS = `t.upstream_url, t.credential_header, t.needs_credential, t.allows_plain_http,
  t.headers_timeout_ms, t.max_concurrent_per_key, t.max_concurrent, c.master_key_id, c.nonce, c.sealed`;
const JOINS = `from keys k join users u on u.id = k.holder_id join tools t on t.id = k.tool_id`;

type KeyRow = [
  string,
  KeyStatus,
  number | null,
  Environment,
  string,
  string,
  number | null,
  string,
  string,
  string,
  Dialect,
  number | null,
];
type RouteRow = [
  string | null,
  string | null,
  number,
  number,
  number,
  number | null,
  number | null,
  string | null,
  Buffer | null,
  Buffer | null,
];
const KEY_WIDTH = 12;

/**
 * Prepares the wire's reads. Rows come as arrays: on this path, building an object with a name for each of
 * two dozen columns would cost about as much as finding the row.
 */
export function prepareLookup({ connections: { read } }: Pick<Database, 'connections'>): Lookup {
  const byHash = read.prepare<[string], KeyRow>(`select ${KEY_COLUMNS} ${JOINS} where k.hash = ?`).raw();
  const routedByHash = read
    .prepare<[string], unknown[]>(
      `select ${KEY_COLUMNS}, ${ROUTE_COLUMNS} ${JOINS} left join tool_credentials c on c.tool_id = t.id where k.hash = ?`,
    )
    .raw();
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
    key(hash) {
      const row = byHash.get(hash);
      return row === undefined ? null : asKey(row);
    },
    routedKey(hash) {
      const row = routedByHash.get(hash);
      if (row === undefined) return null;
      return { key: asKey(row as KeyRow), route: asRoute(row.slice(KEY_WIDTH) as RouteRow) };
    },
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

function asKey(row: KeyRow): FoundKey {
  const [id, status, revokedAt, environment, holderId, holderEmail, holderDisabledAt] = row;
  return {
    id,
    status,
    revokedAt,
    environment,
    holderId,
    holderEmail,
    holderDisabledAt,
    toolId: row[7],
    slug: row[8],
    toolName: row[9],
    dialect: row[10],
    toolArchivedAt: row[11],
  };
}

function asRoute(row: RouteRow): Route {
  const [upstreamUrl, credentialHeader, needsCredential, allowsPlainHttp, headersTimeoutMs] = row;
  const [masterKeyId, nonce, sealed] = [row[7], row[8], row[9]];
  return {
    upstreamUrl,
    credentialHeader,
    needsCredential: needsCredential === 1,
    allowsPlainHttp: allowsPlainHttp === 1,
    headersTimeoutMs,
    maxConcurrentPerKey: row[5],
    maxConcurrent: row[6],
    credential: masterKeyId && nonce && sealed ? { masterKeyId, nonce, sealed } : null,
  };
}

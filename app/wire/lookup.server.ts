import type { KeyKind } from '~/keys/raw-key.server';
import type { Database } from '~db/client.server';
import type { Dialect, Environment } from '~db/schema/words';

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

/** The wire's reads, prepared, on the read connection: each sees every change that was committed before it. */
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

/** Where a key's holder stands. The key says by itself which of the two holds it, so a call reads one. */
const HOLDERS = {
  aik: { id: 'k.holder_id', table: 'users', name: 'h.email' },
  ais: { id: 'k.service_account_id', table: 'service_accounts', name: 'h.name' },
} as const satisfies Record<KeyKind, object>;

const keyColumns = (kind: KeyKind) => `k.id, k.status = 'ACTIVE', k.revoked_at, ${HOLDERS[kind].id},
  h.disabled_at is not null, k.tool_id, t.slug = ?, t.archived_at is not null`;
type KeyColumns = [string, number, number | null, string, number, string, number, number];

const verifyColumns = (kind: KeyKind) => `k.environment, ${HOLDERS[kind].name}`;
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

/**
 * Prepares the wire's reads. Rows come as arrays of few, cheap columns: on this path, objects with names,
 * buffers and strings nobody looks at would cost more than finding the row.
 */
export function prepareLookup({ connections: { read } }: Pick<Database, 'connections'>): Lookup {
  const byHash = <Row>(kind: KeyKind, columns: string, joins = '') =>
    read
      .prepare<[string, string], Row>(
        `select ${keyColumns(kind)}, ${columns} from keys k join ${HOLDERS[kind].table} h on h.id = ${HOLDERS[kind].id}
         join tools t on t.id = k.tool_id ${joins} where k.hash = ?`,
      )
      .raw();
  const toVerify = (kind: KeyKind) => byHash<[...KeyColumns, ...VerifyColumns]>(kind, verifyColumns(kind));
  const toRoute = (kind: KeyKind) =>
    byHash<[...KeyColumns, ...RouteColumns]>(
      kind,
      ROUTE_COLUMNS,
      'left join tool_credentials c on c.tool_id = k.tool_id',
    );
  const verified = { aik: toVerify('aik'), ais: toVerify('ais') };
  const routed = { aik: toRoute('aik'), ais: toRoute('ais') };
  const description = read.prepare<[string], KeyDescription>(
    `select k.environment, coalesce(u.email, a.name) as holder, t.display_name as toolName
     from keys k join tools t on t.id = k.tool_id left join users u on u.id = k.holder_id
     left join service_accounts a on a.id = k.service_account_id where k.id = ?`,
  );
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
    verified(hash, slug, kind) {
      const row = verified[kind].get(slug, hash);
      return row === undefined ? null : verifiedKey(row);
    },
    routed(hash, slug, kind) {
      const row = routed[kind].get(slug, hash);
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
    isServiceAccountDisabled: (id) => accountDisabled.get(id) !== undefined,
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
    holder: row[9],
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

import type { KeyKind } from '~/crypto/key-format.server';
import type { Dialect, Environment } from '~db/schema/enums';
import type { SqliteDatabase } from '~db/sqlite/connection.server';
import type { KeyDescription, RoutedKey, VerifiedKey } from './key-records';

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
 * Prepares the reads of keys. Rows come as arrays of few, cheap columns: on this path, objects with names,
 * buffers and strings nobody looks at would cost more than finding the row.
 */
export function prepareKeyQueries(read: SqliteDatabase['connections']['read']) {
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

  return {
    verified(hash: string, slug: string, kind: KeyKind): VerifiedKey | null {
      const row = verified[kind].get(slug, hash);
      return row === undefined ? null : verifiedKey(row);
    },
    routed(hash: string, slug: string, kind: KeyKind): RoutedKey | null {
      const row = routed[kind].get(slug, hash);
      return row === undefined ? null : routedKey(row);
    },
    description: (keyId: string): KeyDescription | null => description.get(keyId) ?? null,
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

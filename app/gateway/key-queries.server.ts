import type { KeyKind } from '~/crypto/key-format.server';
import type { SqliteDatabase } from '~db/sqlite/connection.server';
import type { KeyDescription, RoutedKey, VerifiedKey } from './key-records';
import { columnList, type RawRow } from './sql-columns';

/** The table of a key's holder, as `h`. The raw key's kind says which one, so a call reads only that table. */
const HOLDERS = {
  aik: { table: '(select id, email as name, disabled_at from users)', foreignKey: 'k.holder_id' },
  ais: {
    table: '(select id, name, disabled_at from service_accounts)',
    foreignKey: 'k.service_account_id',
  },
} as const satisfies Record<KeyKind, object>;

const KEY_COLUMNS = [
  ['id', 'k.id'],
  ['isActive', "k.status = 'ACTIVE'"],
  ['revokedAt', 'k.revoked_at'],
  ['holderId', 'h.id'],
  ['isHolderDisabled', 'h.disabled_at is not null'],
  ['toolId', 'k.tool_id'],
  ['isForTool', 't.slug = ?'],
  ['isToolArchived', 't.archived_at is not null'],
] as const;

const VERIFY_COLUMNS = [...KEY_COLUMNS, ['environment', 'k.environment'], ['holder', 'h.name']] as const;

const ROUTE_COLUMNS = [
  ...KEY_COLUMNS,
  ['dialect', 't.dialect'],
  ['upstreamUrl', 't.upstream_url'],
  ['credentialHeader', 't.credential_header'],
  ['needsCredential', 't.needs_credential'],
  ['allowsPlainHttp', 't.allows_plain_http'],
  ['headersTimeoutMs', 't.headers_timeout_ms'],
  ['maxConcurrentPerKey', 't.max_concurrent_per_key'],
  ['maxConcurrent', 't.max_concurrent'],
  ['encryptedCredential', "c.master_key_id || ' ' || hex(c.nonce) || ' ' || hex(c.sealed)"],
] as const;

const { sql: verifySql, at: VERIFY } = columnList(VERIFY_COLUMNS);
const { sql: routeSql, at: ROUTE } = columnList(ROUTE_COLUMNS);

/**
 * Prepares the reads of keys that run on every call. Rows are arrays of few, cheap columns: row objects, buffers and
 * unused strings would cost more than finding the row.
 */
export function prepareKeyQueries(read: SqliteDatabase['connections']['read']) {
  const byHash = <Row>(kind: KeyKind, columns: string, joins = '') =>
    read
      .prepare<[slug: string, hash: string], Row>(
        `select ${columns} from keys k join ${HOLDERS[kind].table} h on h.id = ${HOLDERS[kind].foreignKey}
         join tools t on t.id = k.tool_id ${joins} where k.hash = ?`,
      )
      .raw();
  const toVerify = (kind: KeyKind) => byHash<RawRow<typeof VERIFY_COLUMNS, VerifiedKey>>(kind, verifySql);
  const toRoute = (kind: KeyKind) =>
    byHash<RawRow<typeof ROUTE_COLUMNS, RoutedKey>>(
      kind,
      routeSql,
      'left join tool_credentials c on c.tool_id = k.tool_id',
    );
  const verified = { aik: toVerify('aik'), ais: toVerify('ais') };
  const routed = { aik: toRoute('aik'), ais: toRoute('ais') };
  const description = read.prepare<[keyId: string], KeyDescription>(
    `select k.environment, coalesce(u.email, a.name) as holder, t.display_name as toolName
     from keys k join tools t on t.id = k.tool_id left join users u on u.id = k.holder_id
     left join service_accounts a on a.id = k.service_account_id where k.id = ?`,
  );

  return {
    /** The key of this kind with this hash, in one read. `slug` is the requested tool. */
    verified(hash: string, slug: string, kind: KeyKind): VerifiedKey | null {
      const row = verified[kind].get(slug, hash);
      return row === undefined ? null : toVerifiedKey(row);
    },
    /** The same for the proxy endpoint. */
    routed(hash: string, slug: string, kind: KeyKind): RoutedKey | null {
      const row = routed[kind].get(slug, hash);
      return row === undefined ? null : toRoutedKey(row);
    },
    description: (keyId: string): KeyDescription | null => description.get(keyId) ?? null,
  };
}

// Two literals of a fixed shape: merging two objects costs several times as much to create and collect.
function toVerifiedKey(row: RawRow<typeof VERIFY_COLUMNS, VerifiedKey>): VerifiedKey {
  return {
    id: row[VERIFY.id],
    isActive: row[VERIFY.isActive] === 1,
    revokedAt: row[VERIFY.revokedAt],
    holderId: row[VERIFY.holderId],
    isHolderDisabled: row[VERIFY.isHolderDisabled] === 1,
    toolId: row[VERIFY.toolId],
    isForTool: row[VERIFY.isForTool] === 1,
    isToolArchived: row[VERIFY.isToolArchived] === 1,
    environment: row[VERIFY.environment],
    holder: row[VERIFY.holder],
  };
}

function toRoutedKey(row: RawRow<typeof ROUTE_COLUMNS, RoutedKey>): RoutedKey {
  return {
    id: row[ROUTE.id],
    isActive: row[ROUTE.isActive] === 1,
    revokedAt: row[ROUTE.revokedAt],
    holderId: row[ROUTE.holderId],
    isHolderDisabled: row[ROUTE.isHolderDisabled] === 1,
    toolId: row[ROUTE.toolId],
    isForTool: row[ROUTE.isForTool] === 1,
    isToolArchived: row[ROUTE.isToolArchived] === 1,
    dialect: row[ROUTE.dialect],
    upstreamUrl: row[ROUTE.upstreamUrl],
    credentialHeader: row[ROUTE.credentialHeader],
    needsCredential: row[ROUTE.needsCredential] === 1,
    allowsPlainHttp: row[ROUTE.allowsPlainHttp] === 1,
    headersTimeoutMs: row[ROUTE.headersTimeoutMs],
    maxConcurrentPerKey: row[ROUTE.maxConcurrentPerKey],
    maxConcurrent: row[ROUTE.maxConcurrent],
    encryptedCredential: row[ROUTE.encryptedCredential],
  };
}

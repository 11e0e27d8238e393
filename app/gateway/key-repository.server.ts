import type { KeyKind } from '~/crypto/key-format.server';
import type { SqliteDatabase } from '~db/sqlite/connection.server';
import { prepareKeyQueries } from './key-queries.server';
import type { KeyDescription, NamedTool, RoutedKey, VerifiedKey } from './key-records';

/** The gateway's reads, prepared, on the read connection: each sees every change that was committed before it. */
export interface KeyRepository {
  /** The key of this kind with this hash, in one read; `slug` is the tool that was asked for. */
  verified(hash: string, slug: string, kind: KeyKind): VerifiedKey | null;
  /** The same for the proxy endpoint. */
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
export function createKeyRepository({
  connections: { read },
}: Pick<SqliteDatabase, 'connections'>): KeyRepository {
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
    ...prepareKeyQueries(read),
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

import type { SqliteDatabase } from '~db/sqlite/connection.server';
import { prepareKeyQueries } from './key-queries.server';
import type { ToolSummary } from './key-records';

/** The gateway's prepared reads, on the read connection: each sees every change committed before it. */
export type KeyRepository = ReturnType<typeof createKeyRepository>;

export function createKeyRepository({ connections: { read } }: Pick<SqliteDatabase, 'connections'>) {
  const toolBySlug = read.prepare<[string], ToolSummary>(
    'select id, display_name as name, dialect from tools where slug = ?',
  );
  const archivedTool = read.prepare<[string]>('select 1 from tools where id = ? and archived_at is not null');
  const disabledUser = read.prepare<[string]>('select 1 from users where id = ? and disabled_at is not null');
  const disabledServiceAccount = read.prepare<[string]>(
    'select 1 from service_accounts where id = ? and disabled_at is not null',
  );
  const upstreamUrls = read
    .prepare<[], string>('select upstream_url from tools where upstream_url is not null')
    .pluck();

  const tools = new Map<string, ToolSummary>();

  return {
    ...prepareKeyQueries(read),
    /** The tool with this slug, archived or not. Cached until `clearToolCache`. */
    tool(slug: string): ToolSummary | null {
      const cached = tools.get(slug);
      if (cached !== undefined) return cached;
      const found = toolBySlug.get(slug);
      if (found === undefined) return null;
      tools.set(slug, found); // only slugs that exist, so callers can't fill the memory
      return found;
    },
    clearToolCache: () => tools.clear(),
    isToolArchived: (toolId: string) => archivedTool.get(toolId) !== undefined,
    isUserDisabled: (userId: string) => disabledUser.get(userId) !== undefined,
    isServiceAccountDisabled: (id: string) => disabledServiceAccount.get(id) !== undefined,
    /** The upstream URLs of all tools. */
    upstreamUrls: () => new Set(upstreamUrls.all()),
  };
}

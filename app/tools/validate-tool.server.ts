import { and, eq, ne } from 'drizzle-orm';
import type { Config } from '~/core/config.server';
import { type Err, err } from '~/core/result';
import { upstreamProblem } from '~/gateway/upstream-url';
import type { Queries } from '~db/database';
import { keys, tools } from '~db/schema';

export type Tool = typeof tools.$inferSelect;

/** How a tool's calls go out; a tool that the server answers itself has no say in them. */
const OF_UPSTREAMS = [
  'dialect',
  'upstreamUrl',
  'credentialHeader',
  'needsCredential',
  'allowsPlainHttp',
] as const;

/** Whether any of these fields says how calls go out. */
export const concernsUpstream = (changed: (keyof Tool)[]): boolean =>
  OF_UPSTREAMS.some((field) => changed.includes(field));

/** Why a tool's upstream cannot be as it is; null when it can. */
export function checkUpstream(config: Pick<Config, 'origin' | 'port'>, tool: Tool): Err | null {
  if (tool.dialect === 'generic' && tool.needsCredential && tool.credentialHeader === null) {
    return err('credential-header-required');
  }
  if (tool.upstreamUrl === null) return null;
  const rules = { allowsPlainHttp: tool.allowsPlainHttp, ownOrigin: config.origin, ownPort: config.port };
  const why = upstreamProblem(tool.upstreamUrl, rules);
  return why === null ? null : err('upstream-not-allowed', { why });
}

/** Whether another tool has this tool's slug. */
export async function checkSlug(tx: Queries, { id, slug }: Tool): Promise<Err | null> {
  const [other] = await tx
    .select({ id: tools.id })
    .from(tools)
    .where(and(eq(tools.slug, slug), ne(tools.id, id)));
  return other === undefined ? null : err('slug-taken', { slug });
}

/** Why these fields of a tool cannot change; null when they can. */
export async function checkChange(tx: Queries, before: Tool, changed: (keyof Tool)[]): Promise<Err | null> {
  if (before.upstreamUrl === null && concernsUpstream(changed)) {
    return err('builtin-tool');
  }
  if (!changed.includes('slug')) return null;
  const [key] = await tx.select({ id: keys.id }).from(keys).where(eq(keys.toolId, before.id)).limit(1);
  return key === undefined ? null : err('slug-in-use');
}

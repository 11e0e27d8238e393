import { and, eq, ne } from 'drizzle-orm';
import type { Config } from '~/core/config.server';
import { type Err, err } from '~/core/result';
import { upstreamProblem } from '~/gateway/upstream-url';
import type { Queries } from '~db/database';
import { keys, tools } from '~db/schema';

export type Tool = typeof tools.$inferSelect;

/** Fields that decide where and how calls are sent. The built-in tool's can't change. */
const UPSTREAM_FIELDS = [
  'dialect',
  'upstreamUrl',
  'credentialHeader',
  'needsCredential',
  'allowsPlainHttp',
] as const;

export const changesUpstream = (changed: (keyof Tool)[]): boolean =>
  UPSTREAM_FIELDS.some((field) => changed.includes(field));

/** Errors: credential-header-required, upstream-not-allowed. Null for a valid upstream. */
export function checkUpstream(config: Pick<Config, 'origin' | 'port'>, tool: Tool): Err | null {
  if (tool.dialect === 'generic' && tool.needsCredential && tool.credentialHeader === null) {
    return err('credential-header-required');
  }
  if (tool.upstreamUrl === null) return null;
  const rules = { allowsPlainHttp: tool.allowsPlainHttp, ownOrigin: config.origin, ownPort: config.port };
  const why = upstreamProblem(tool.upstreamUrl, rules);
  return why === null ? null : err('upstream-not-allowed', { why });
}

/** Errors: slug-taken. Null when no other tool has this slug. */
export async function checkSlug(tx: Queries, { id, slug }: Tool): Promise<Err | null> {
  const [other] = await tx
    .select({ id: tools.id })
    .from(tools)
    .where(and(eq(tools.slug, slug), ne(tools.id, id)));
  return other === undefined ? null : err('slug-taken', { slug });
}

/** Errors: builtin-tool, slug-in-use. Null when these fields may change. */
export async function checkChangedFields(
  tx: Queries,
  before: Tool,
  changed: (keyof Tool)[],
): Promise<Err | null> {
  if (before.upstreamUrl === null && changesUpstream(changed)) {
    return err('builtin-tool');
  }
  if (!changed.includes('slug')) return null;
  const [key] = await tx.select({ id: keys.id }).from(keys).where(eq(keys.toolId, before.id)).limit(1);
  return key === undefined ? null : err('slug-in-use');
}

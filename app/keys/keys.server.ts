import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { App } from '~/app.server';
import { type Actor, record } from '~/audit/audit.server';
import { accept, type Outcome, refuse } from '~/errors';
import { newId } from '~/ids.server';
import { needsApproval } from '~/requests/approval-rule';
import { keys, requests, tools } from '~db/schema';
import type { Environment } from '~db/schema/words';
import { LIVE_STATUSES, transitions } from './key-status';
import { findKey, type KeyRow, mustFindKey, selectKeys, toKeyView } from './key-view.server';
import type { KeyView } from './keys.schema';
import { mintRawKey } from './raw-key.server';

type Needs = Pick<App, 'db' | 'events' | 'now'>;

export type RequestResult =
  | { outcome: 'issued'; key: KeyView; rawKey: string }
  | { outcome: 'pending'; key: KeyView };

/** Every key that the actor holds, in whatever status, newest first. */
export async function listOwnKeys({ db }: Pick<App, 'db'>, actor: Actor): Promise<KeyView[]> {
  return (await selectKeys(db.read, eq(keys.holderId, actor.id))).map(toKeyView);
}

/** One key of the actor's own. */
export async function getOwnKey(
  { db }: Pick<App, 'db'>,
  actor: Actor,
  id: string,
): Promise<Outcome<KeyView>> {
  const row = await findKey(db.read, id, eq(keys.holderId, actor.id));
  return row === null ? refuse('no-such-key') : accept(toKeyView(row));
}

/**
 * Asks for a key. Issued at once with its raw key, the only time that it is ever answered, unless the
 * approval rule says that an admin decides first; then no secret exists yet.
 *
 * Refuses: no-such-tool, tool-archived, already-live.
 */
export async function requestKey(
  app: Needs,
  actor: Actor,
  input: { tool: string; environment: Environment; purpose: string },
): Promise<Outcome<RequestResult>> {
  const at = app.now();
  const minted = mintRawKey(input.environment);
  const [id, requestId] = [newId('key'), newId('req')];

  const outcome = await app.db.write(async (tx): Promise<Outcome<RequestResult & { row: KeyRow }>> => {
    const [tool] = await tx.select().from(tools).where(eq(tools.slug, input.tool));
    if (tool === undefined) return refuse('no-such-tool');
    if (tool.archivedAt !== null) return refuse('tool-archived', { tool: tool.displayName });
    const [live] = await tx
      .select({ status: keys.status })
      .from(keys)
      .where(
        and(
          eq(keys.holderId, actor.id),
          eq(keys.toolId, tool.id),
          eq(keys.environment, input.environment),
          inArray(keys.status, LIVE_STATUSES),
        ),
      );
    if (live !== undefined) {
      return refuse('already-live', {
        tool: tool.displayName,
        environment: input.environment,
        status: live.status,
      });
    }

    const pending = needsApproval(tool, input.environment);
    await tx.insert(requests).values({
      id: requestId,
      requesterId: actor.id,
      purpose: input.purpose,
      createdAt: at,
      ...(pending ? {} : { decision: 'auto-issued' as const, decidedAt: at }),
    });
    await tx.insert(keys).values({
      id,
      requestId,
      holderId: actor.id,
      toolId: tool.id,
      environment: input.environment,
      createdAt: at,
      ...(pending
        ? { status: 'PENDING' as const }
        : { status: 'ACTIVE' as const, hash: minted.hash, prefix: minted.prefix, revealedAt: at }),
    });
    await record(tx, {
      at,
      by: actor,
      action: pending ? 'key.requested' : 'key.issued',
      subject: `key:${id}`,
      keyId: id,
      toolId: tool.id,
      details: {
        tool: tool.slug,
        environment: input.environment,
        purpose: input.purpose,
        prefix: pending ? undefined : minted.prefix,
      },
    });
    const row = await mustFindKey(tx, id);
    const key = toKeyView(row);
    return accept(
      pending ? { row, outcome: 'pending', key } : { row, outcome: 'issued', key, rawKey: minted.rawKey },
    );
  });

  if (!outcome.ok) return outcome;
  const { row, ...result } = outcome.value;
  announce(app, row);
  return accept(result);
}

/**
 * Mints and answers the raw key of an approved key, once. Only its holder may, the admin who approved it
 * neither; of two at once one gets the raw key.
 *
 * Refuses: no-such-key (a member for another's key, too), not-holder, not-active, already-revealed.
 */
export async function revealKey(
  app: Needs,
  actor: Actor,
  id: string,
): Promise<Outcome<{ rawKey: string; key: KeyView }>> {
  const at = app.now();
  // The environment never changes, so it may be read before the transaction; minting must not hold it up.
  const before = await findKey(app.db.read, id);
  if (before === null) return refuse('no-such-key');
  const minted = mintRawKey(before.environment);

  const outcome = await app.db.write(async (tx): Promise<Outcome<KeyRow>> => {
    const [won] = await tx
      .update(keys)
      .set({ hash: minted.hash, prefix: minted.prefix, revealedAt: at })
      .where(
        and(
          eq(keys.id, id),
          eq(keys.holderId, actor.id),
          eq(keys.status, transitions.reveal.from),
          isNull(keys.revealedAt),
        ),
      )
      .returning({ id: keys.id });
    const row = await findKey(tx, id);
    if (row === null) return refuse('no-such-key');
    if (won === undefined) {
      // Strangers learn nothing about a key but that it isn't theirs; a member is told as if it did not exist.
      if (row.holderId !== actor.id) return refuse(actor.role === 'admin' ? 'not-holder' : 'no-such-key');
      return row.status === 'ACTIVE'
        ? refuse('already-revealed')
        : refuse('not-active', { status: row.status });
    }
    await record(tx, {
      at,
      by: actor,
      action: 'key.revealed',
      subject: `key:${id}`,
      keyId: id,
      toolId: row.toolId,
      details: { tool: row.slug, environment: row.environment, purpose: row.purpose, prefix: minted.prefix },
    });
    return accept(row);
  });
  if (!outcome.ok) return outcome;
  announce(app, outcome.value);
  return accept({ rawKey: minted.rawKey, key: toKeyView(outcome.value) });
}

/** Takes a pending request back. Refuses: no-such-key (or not the actor's own), not-pending. */
export async function withdrawKey(app: Needs, actor: Actor, id: string): Promise<Outcome<KeyView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Outcome<KeyRow>> => {
    const [won] = await tx
      .update(keys)
      .set({ status: transitions.withdraw.to, revokedAt: at, revokedBy: actor.id })
      .where(and(eq(keys.id, id), eq(keys.holderId, actor.id), eq(keys.status, transitions.withdraw.from)))
      .returning({ requestId: keys.requestId });
    if (won === undefined) {
      const row = await findKey(tx, id, eq(keys.holderId, actor.id));
      return row === null ? refuse('no-such-key') : refuse('not-pending', { status: row.status });
    }
    await tx
      .update(requests)
      .set({ decision: 'withdrawn', decidedAt: at, decidedBy: actor.id })
      .where(eq(requests.id, won.requestId));
    const row = await mustFindKey(tx, id);
    await record(tx, {
      at,
      by: actor,
      action: 'key.withdrawn',
      subject: `key:${id}`,
      keyId: id,
      toolId: row.toolId,
      details: { tool: row.slug, environment: row.environment, purpose: row.purpose },
    });
    return accept(row);
  });
  if (!outcome.ok) return outcome;
  announce(app, outcome.value);
  return accept(toKeyView(outcome.value));
}

/**
 * Ends a key: its holder at will, an admin with a reason. It is refused at the wire before this answers.
 *
 * Refuses: no-such-key (a member for another's key, too), reason-required, not-active.
 */
export async function revokeKey(
  app: Needs,
  actor: Actor,
  id: string,
  reason?: string,
): Promise<Outcome<KeyView>> {
  const at = app.now();
  const own = actor.role === 'admin' ? [] : [eq(keys.holderId, actor.id)];
  const outcome = await app.db.write(async (tx): Promise<Outcome<KeyRow>> => {
    const before = await findKey(tx, id, ...own);
    if (before === null) return refuse('no-such-key');
    if (before.holderId !== actor.id && reason === undefined) return refuse('reason-required');
    const [won] = await tx
      .update(keys)
      .set({
        status: transitions.revoke.to,
        revokedAt: at,
        revokedBy: actor.id,
        revocationReason: reason ?? null,
      })
      .where(and(eq(keys.id, id), eq(keys.status, transitions.revoke.from), ...own))
      .returning({ id: keys.id });
    if (won === undefined) return refuse('not-active', { status: before.status });
    await record(tx, {
      at,
      by: actor,
      action: 'key.revoked',
      subject: `key:${id}`,
      keyId: id,
      toolId: before.toolId,
      details: {
        tool: before.slug,
        environment: before.environment,
        purpose: before.purpose,
        prefix: before.prefix,
        reason,
        holder: before.holderId,
      },
    });
    return accept(await mustFindKey(tx, id));
  });
  if (!outcome.ok) return outcome;
  announce(app, outcome.value);
  return accept(toKeyView(outcome.value));
}

/** Tells pages and wire what the key has become: after the commit, before the answer. */
export function announce({ events }: Pick<App, 'events'>, row: KeyRow): void {
  events.emit('key-changed', {
    keyId: row.id,
    holderId: row.holderId,
    toolId: row.toolId,
    status: row.status,
  });
}

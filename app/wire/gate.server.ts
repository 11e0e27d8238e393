import type { IncomingMessage } from 'node:http';
import type { App } from '~/app.server';
import { newId } from '~/ids.server';
import { presentedKeys } from './carriers';
import { check, type Verdict } from './check.server';
import { dialectRules } from './dialects/dialects';
import type { FoundKey, Lookup, NamedTool } from './lookup.server';
import { createRefusalTrail } from './refusal-trail.server';
import { type WireReason, wireRefusals } from './refusals';
import type { Rendered } from './refuse.server';
import type { Target } from './target';
import { createUsageNotes } from './usage.server';

/** The check as both doors use it: judges, notes the use, records refusals, and finds the words. */
export interface Gate {
  /** Judges a request; what is accepted is noted as a use, what is refused for its key goes on the trail. */
  judge<Found>(
    request: IncomingMessage,
    target: Target,
    find: (hash: string) => Found | null,
    keyOf: (found: Found) => FoundKey,
  ): { ok: true; found: Found } | ({ ok: false } & Rendered);
  /** A refusal for another cause than the key. */
  refusal(reason: WireReason, target: Target | null, requestId?: string): Rendered;
  close(): Promise<void>;
}

export function createGate(app: Pick<App, 'config' | 'db' | 'events' | 'log' | 'now'>, lookup: Lookup): Gate {
  const usage = createUsageNotes(app);
  const trail = createRefusalTrail(app);

  function render(
    reason: WireReason,
    tool: NamedTool | null,
    key: FoundKey | null,
    requestId: string,
  ): Rendered {
    const { status, words } = wireRefusals[reason];
    const message = words({
      origin: app.config.origin,
      tool: tool?.name ?? 'This tool',
      keysTool: key?.toolName ?? 'another tool',
      revokedAt: key?.revokedAt ?? null,
    });
    return {
      rules: dialectRules[tool?.dialect ?? 'generic'],
      refusal: { status, reason, message, requestId },
    };
  }

  function refuse(
    request: IncomingMessage,
    target: Target,
    verdict: Extract<Verdict<unknown>, { ok: false }>,
  ) {
    const { reason, key } = verdict;
    const requestId = newId('call');
    const tool = lookup.tool(target.slug);
    // A call without any key is a client's probe, not a key refused.
    if (reason !== 'key-missing') {
      trail.note({
        reason,
        key,
        door: target.door,
        tool: tool === null ? null : { id: tool.id, slug: target.slug },
        origin: {
          requestId,
          address: request.socket.remoteAddress ?? null,
          userAgent: request.headers['user-agent'] ?? null,
        },
      });
    }
    return { ok: false as const, ...render(reason, tool, key, requestId) };
  }

  return {
    judge(request, target, find, keyOf) {
      const presented = presentedKeys(request.rawHeaders, target.query);
      const verdict = check(presented, target.slug, find, keyOf);
      if (!verdict.ok) return refuse(request, target, verdict);
      usage.note(keyOf(verdict.found).id);
      return verdict;
    },
    refusal: (reason, target, requestId = newId('call')) =>
      render(reason, target === null ? null : lookup.tool(target.slug), null, requestId),
    async close() {
      await Promise.all([usage.close(), trail.close()]);
    },
  };
}

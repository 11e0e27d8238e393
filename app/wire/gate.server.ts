import type { IncomingMessage } from 'node:http';
import type { App } from '~/app.server';
import { createClientAddress, createRequestId } from '~/http/client-address.server';
import { newId } from '~/ids.server';
import { presentedKeys } from './carriers';
import { check } from './check.server';
import { dialectRules } from './dialects/dialects';
import type { FoundKey, Lookup, NamedTool } from './lookup.server';
import type { WireMeter } from './meter';
import { createRefusalTrail } from './refusal-trail.server';
import { type WireReason, wireRefusals } from './refusals';
import type { Rendered } from './refuse.server';
import type { Target } from './target';
import { createUsageNotes } from './usage.server';

/** The check as both doors use it: judges, notes the use, records refusals, and finds the words. */
export interface Gate {
  /** Judges a request; what is accepted is noted as a use, what is refused for its key goes on the trail. */
  judge<Found extends FoundKey>(
    request: IncomingMessage,
    target: Target,
    find: (hash: string, slug: string) => Found | null,
  ): { ok: true; key: Found } | ({ ok: false } & Rendered);
  /** A refusal for another cause than the key. */
  refusal(reason: WireReason, target: Target | null): Rendered;
  close(): Promise<void>;
}

export function createGate(
  app: Pick<App, 'config' | 'db' | 'events' | 'log' | 'now'>,
  lookup: Lookup,
  meter: WireMeter,
): Gate {
  const addressOf = createClientAddress(app.config.trustedProxies);
  const requestIdOf = createRequestId(app.config.trustedProxies);
  const usage = createUsageNotes(app);
  const trail = createRefusalTrail(app);

  function render(reason: WireReason, tool: NamedTool | null, facts: Partial<Facts>): Rendered {
    const { status, words } = wireRefusals[reason];
    const { requestId = newId('call'), keysTool = 'another tool', revokedAt = null } = facts;
    const message = words({
      origin: app.config.origin,
      tool: tool?.name ?? 'This tool',
      keysTool,
      revokedAt,
    });
    return {
      rules: dialectRules[tool?.dialect ?? 'generic'],
      refusal: { status, reason, message, requestId },
    };
  }

  /** The tool that a refusal names; none where the database cannot be read, since refused it must be. */
  function toolOf(target: Target | null): NamedTool | null {
    try {
      return target === null ? null : lookup.tool(target.slug);
    } catch {
      return null;
    }
  }

  function refuse(
    request: IncomingMessage,
    { slug, door }: Target,
    reason: WireReason,
    key: FoundKey | null,
  ): Rendered {
    const tool = lookup.tool(slug);
    const about = key === null ? null : lookup.description(key.id);
    const requestId = requestIdOf(request);
    meter.count(door, tool === null ? null : slug, reason);
    app.log.debug({ requestId, reason, door, tool: tool === null ? null : slug }, 'wire refused');
    // A call without any key is a client's probe, not a key refused.
    if (reason !== 'key-missing') {
      const origin = {
        requestId,
        address: addressOf(request),
        userAgent: request.headers['user-agent'] ?? null,
      };
      trail.note({
        reason,
        door,
        origin,
        tool: tool === null ? null : { id: tool.id, slug },
        key: key === null ? null : { ...key, ...about },
      });
    }
    return render(reason, tool, { requestId, keysTool: about?.toolName, revokedAt: key?.revokedAt });
  }

  return {
    judge(request, target, find) {
      try {
        const presented = presentedKeys(request.rawHeaders, target.query);
        const verdict = check(presented, (hash) => find(hash, target.slug));
        if (!verdict.ok) return { ok: false, ...refuse(request, target, verdict.reason, verdict.key) };
        usage.note(verdict.key.id);
        if (target.door === 'verify') meter.count('verify', target.slug, 'accepted');
        return verdict;
      } catch (error) {
        // One call that cannot be judged must not end the server, nor be let in.
        app.log.error({ err: error }, 'a key could not be looked up');
        meter.count(target.door, null, 'unreadable');
        return { ok: false, ...render('unreadable', toolOf(target), {}) };
      }
    },
    refusal(reason, target) {
      const tool = toolOf(target);
      if (target !== null) meter.count(target.door, tool === null ? null : target.slug, reason);
      return render(reason, tool, {});
    },
    async close() {
      await Promise.all([usage.close(), trail.close()]);
    },
  };
}

interface Facts {
  requestId: string;
  keysTool: string;
  revokedAt: number | null;
}

import type { IncomingMessage } from 'node:http';
import type { App } from '~/app-context.server';
import { createClientAddress, createRequestId } from '~/net/client-address.server';
import type { KeyKind } from '~/crypto/key-format.server';
import { presentedKeys } from './extract-keys';
import { check } from './verify-key.server';
import { dialectRules } from './dialects/dialect-rules';
import type { FoundKey, Lookup, NamedTool } from './key-repository.server';
import type { GatewayMeter } from './call-metrics';
import { createRefusalTrail } from './audit-refusals.server';
import { type GatewayReason, gatewayRefusals } from './error-catalogue';
import type { Rendered } from './send-error.server';
import type { Target } from './request-target';
import { createUsageNotes } from './last-used.server';

/** The check as both doors use it: judges, notes uses, records refusals, and finds the words. */
export interface Gate {
  /** Judges a request by its key; what is refused for that goes on the trail. */
  judge<Found extends FoundKey>(
    request: IncomingMessage,
    target: Target,
    find: (hash: string, slug: string, kind: KeyKind) => Found | null,
  ): { ok: true; key: Found } | ({ ok: false } & Rendered);
  /**
   * A refusal for another cause than the key.
   *
   * @param code how the upstream failed, for the log.
   */
  refusal(request: IncomingMessage, reason: GatewayReason, target: Target | null, code?: string): Rendered;
  /** Notes that a key was used: its request was refused for nothing else, either. */
  noteUse(keyId: string): void;
  /** Logs that an upstream has broken off an answer that had begun, so that nobody could be refused. */
  noteBroken(request: IncomingMessage, tool: string, code: string): void;
  /** The one id of this request, in the log and in what is answered: a trusted proxy's, or one made here. */
  requestIdOf(request: IncomingMessage): string;
  close(): Promise<void>;
}

export function createGate(
  app: Pick<App, 'config' | 'db' | 'events' | 'log' | 'now'>,
  lookup: Lookup,
  meter: GatewayMeter,
): Gate {
  const addressOf = createClientAddress(app.config.trustedProxies);
  const findRequestId = createRequestId(app.config.trustedProxies);
  const requestIds = new WeakMap<IncomingMessage, string>(); // accepted calls are not asked for theirs
  const usage = createUsageNotes(app);
  const trail = createRefusalTrail(app);

  function requestIdOf(request: IncomingMessage): string {
    let id = requestIds.get(request);
    if (id === undefined) {
      id = findRequestId(request);
      requestIds.set(request, id);
    }
    return id;
  }

  /** Counts and logs a refusal: those that are this server's or an upstream's fault are for admins to see. */
  function note(
    request: IncomingMessage,
    reason: GatewayReason,
    door: Target['door'] | undefined,
    slug: string | null,
    code?: string,
  ): void {
    if (door !== undefined) meter.count(door, slug, reason);
    const level = gatewayRefusals[reason].status >= 500 ? 'warn' : 'debug';
    app.log[level]({ requestId: requestIdOf(request), reason, door, tool: slug, code }, 'gateway refused');
  }

  function render(
    request: IncomingMessage,
    reason: GatewayReason,
    tool: NamedTool | null,
    { keysTool = 'another tool', revokedAt = null, ofService = false }: Partial<Facts> = {},
  ): Rendered {
    const { status, words } = gatewayRefusals[reason];
    const message = words({
      origin: app.config.origin,
      tool: tool?.name ?? 'This tool',
      keysTool,
      revokedAt,
      ofService,
    });
    return {
      rules: dialectRules[tool?.dialect ?? 'generic'],
      refusal: { status, reason, message, requestId: requestIdOf(request) },
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
    reason: GatewayReason,
    key: FoundKey | null,
  ): Rendered {
    const tool = lookup.tool(slug);
    const about = key === null ? null : lookup.description(key.id);
    note(request, reason, door, tool === null ? null : slug);
    // A call without any key is a client's probe, not a key refused.
    if (reason !== 'key-missing') {
      const origin = {
        requestId: requestIdOf(request),
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
    return render(request, reason, tool, {
      keysTool: about?.toolName,
      revokedAt: key?.revokedAt,
      ofService: key?.holderId.startsWith('sva_'),
    });
  }

  return {
    judge(request, target, find) {
      try {
        const presented = presentedKeys(request.rawHeaders, target.query);
        const verdict = check(presented, (hash, kind) => find(hash, target.slug, kind));
        if (!verdict.ok) return { ok: false, ...refuse(request, target, verdict.reason, verdict.key) };
        if (target.door === 'verify') meter.count('verify', target.slug, 'accepted');
        return verdict;
      } catch (error) {
        // One call that cannot be judged must not end the server, nor be let in.
        app.log.error({ err: error, requestId: requestIdOf(request) }, 'a key could not be looked up');
        note(request, 'unreadable', target.door, null);
        return { ok: false, ...render(request, 'unreadable', toolOf(target)) };
      }
    },
    refusal(request, reason, target, code) {
      const tool = toolOf(target);
      note(request, reason, target?.door, tool === null || target === null ? null : target.slug, code);
      return render(request, reason, tool);
    },
    noteUse: usage.note,
    noteBroken(request, tool, code) {
      app.log.warn({ requestId: requestIdOf(request), tool, code }, 'an upstream broke an answer off');
    },
    requestIdOf,
    async close() {
      await Promise.all([usage.close(), trail.close()]);
    },
  };
}

interface Facts {
  keysTool: string;
  revokedAt: number | null;
  ofService: boolean;
}

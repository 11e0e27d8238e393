import type { IncomingMessage } from 'node:http';
import type { AppContext } from '~/app-context.server';
import type { KeyKind } from '~/crypto/key-format.server';
import { createClientAddress, createRequestId } from '~/net/client-address.server';
import { createRefusalAuditor } from './audit-refusals.server';
import type { CallMetrics } from './call-metrics';
import { dialectRules } from './dialects/dialect-rules';
import { type GatewayErrorCode, gatewayErrors } from './error-catalogue';
import { extractKeys } from './extract-keys';
import type { KeyRecord, NamedTool } from './key-records';
import type { KeyRepository } from './key-repository.server';
import { createLastUsedRecorder } from './last-used.server';
import type { RequestTarget } from './request-target';
import type { RenderedError } from './send-error.server';
import { verifyKey } from './verify-key.server';

/** The check as both endpoints use it: judges, notes uses, records refusals, and finds the words. */
export interface Authorizer {
  /** Judges a request by its key; what is refused for that goes on the trail. */
  authorize<Found extends KeyRecord>(
    request: IncomingMessage,
    target: RequestTarget,
    find: (hash: string, slug: string, kind: KeyKind) => Found | null,
  ): { ok: true; key: Found } | ({ ok: false } & RenderedError);
  /**
   * A refusal for another cause than the key.
   *
   * @param code how the upstream failed, for the log.
   */
  gatewayError(
    request: IncomingMessage,
    reason: GatewayErrorCode,
    target: RequestTarget | null,
    code?: string,
  ): RenderedError;
  /** Notes that a key was used: its request was refused for nothing else, either. */
  recordUse(keyId: string): void;
  /** Logs that an upstream has broken off an answer that had begun, so that nobody could be refused. */
  logBrokenResponse(request: IncomingMessage, tool: string, code: string): void;
  /** The one id of this request, in the log and in what is answered: a trusted proxy's, or one made here. */
  requestIdOf(request: IncomingMessage): string;
  close(): Promise<void>;
}

export function createAuthorizer(
  app: Pick<AppContext, 'config' | 'db' | 'events' | 'log' | 'now'>,
  lookup: KeyRepository,
  meter: CallMetrics,
): Authorizer {
  const addressOf = createClientAddress(app.config.trustedProxies);
  const findRequestId = createRequestId(app.config.trustedProxies);
  const requestIds = new WeakMap<IncomingMessage, string>(); // accepted calls are not asked for theirs
  const usage = createLastUsedRecorder(app);
  const trail = createRefusalAuditor(app);

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
    reason: GatewayErrorCode,
    endpoint: RequestTarget['endpoint'] | undefined,
    slug: string | null,
    code?: string,
  ): void {
    if (endpoint !== undefined) meter.count(endpoint, slug, reason);
    const level = gatewayErrors[reason].status >= 500 ? 'warn' : 'debug';
    app.log[level](
      { requestId: requestIdOf(request), reason, endpoint, tool: slug, code },
      'gateway refused',
    );
  }

  function render(
    request: IncomingMessage,
    reason: GatewayErrorCode,
    tool: NamedTool | null,
    { keysTool = 'another tool', revokedAt = null, ofService = false }: Partial<ErrorFacts> = {},
  ): RenderedError {
    const { status, words } = gatewayErrors[reason];
    const message = words({
      origin: app.config.origin,
      tool: tool?.name ?? 'This tool',
      keysTool,
      revokedAt,
      ofService,
    });
    return {
      rules: dialectRules[tool?.dialect ?? 'generic'],
      error: { status, reason, message, requestId: requestIdOf(request) },
    };
  }

  /** The tool that a refusal names; none where the database cannot be read, since refused it must be. */
  function toolOf(target: RequestTarget | null): NamedTool | null {
    try {
      return target === null ? null : lookup.tool(target.slug);
    } catch {
      return null;
    }
  }

  function refuse(
    request: IncomingMessage,
    { slug, endpoint }: RequestTarget,
    reason: GatewayErrorCode,
    key: KeyRecord | null,
  ): RenderedError {
    const tool = lookup.tool(slug);
    const about = key === null ? null : lookup.description(key.id);
    note(request, reason, endpoint, tool === null ? null : slug);
    // A call without any key is a client's probe, not a key refused.
    if (reason !== 'key-missing') {
      const origin = {
        requestId: requestIdOf(request),
        address: addressOf(request),
        userAgent: request.headers['user-agent'] ?? null,
      };
      trail.note({
        reason,
        endpoint,
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
    authorize(request, target, find) {
      try {
        const presented = extractKeys(request.rawHeaders, target.query);
        const verdict = verifyKey(presented, (hash, kind) => find(hash, target.slug, kind));
        if (!verdict.ok) return { ok: false, ...refuse(request, target, verdict.reason, verdict.key) };
        if (target.endpoint === 'verify') meter.count('verify', target.slug, 'accepted');
        return verdict;
      } catch (error) {
        // One call that cannot be judged must not end the server, nor be let in.
        app.log.error({ err: error, requestId: requestIdOf(request) }, 'a key could not be looked up');
        note(request, 'unreadable', target.endpoint, null);
        return { ok: false, ...render(request, 'unreadable', toolOf(target)) };
      }
    },
    gatewayError(request, reason, target, code) {
      const tool = toolOf(target);
      note(request, reason, target?.endpoint, tool === null || target === null ? null : target.slug, code);
      return render(request, reason, tool);
    },
    recordUse: usage.note,
    logBrokenResponse(request, tool, code) {
      app.log.warn({ requestId: requestIdOf(request), tool, code }, 'an upstream broke an answer off');
    },
    requestIdOf,
    async close() {
      await Promise.all([usage.close(), trail.close()]);
    },
  };
}

interface ErrorFacts {
  keysTool: string;
  revokedAt: number | null;
  ofService: boolean;
}

import type { IncomingMessage } from 'node:http';
import type { AppContext } from '~/app-context.server';
import { createClientAddress, createRequestId } from '~/net/client-address.server';
import { createRefusalAuditor } from './audit-refusals.server';
import type { CallMetrics } from './call-metrics';
import { dialectRules } from './dialects/dialect-rules';
import { type GatewayErrorReason, gatewayErrors, type MessageContext } from './error-catalogue';
import type { KeyRecord, ToolSummary } from './key-records';
import type { KeyRepository } from './key-repository.server';
import type { RequestTarget } from './request-target';
import type { RenderedError } from './send-error.server';

/** Counts and logs the gateway's errors, and renders them in the dialect of the requested tool. */
export type ErrorReporter = ReturnType<typeof createErrorReporter>;

export function createErrorReporter(
  app: Pick<AppContext, 'config' | 'db' | 'log' | 'now'>,
  keyRepository: KeyRepository,
  metrics: CallMetrics,
) {
  const addressOf = createClientAddress(app.config.trustedProxies);
  const findRequestId = createRequestId(app.config.trustedProxies);
  const requestIds = new WeakMap<IncomingMessage, string>(); // most accepted calls never need one
  const auditor = createRefusalAuditor(app);

  /** Returns the request's id in logs, responses and the audit trail: a trusted proxy's, or a new one. */
  function requestIdOf(request: IncomingMessage): string {
    let id = requestIds.get(request);
    if (id === undefined) {
      id = findRequestId(request);
      requestIds.set(request, id);
    }
    return id;
  }

  function countAndLog(
    request: IncomingMessage,
    reason: GatewayErrorReason,
    target: RequestTarget | null,
    tool: ToolSummary | null,
    code?: string,
  ): void {
    const endpoint = target?.endpoint;
    const slug = tool === null || target === null ? null : target.slug;
    if (endpoint !== undefined) metrics.count(endpoint, slug, reason);
    // Errors of this server or an upstream are for admins to fix; the others are the caller's.
    const level = gatewayErrors[reason].status >= 500 ? 'warn' : 'debug';
    app.log[level](
      { requestId: requestIdOf(request), reason, endpoint, tool: slug, code },
      'gateway request refused',
    );
  }

  function render(
    request: IncomingMessage,
    reason: GatewayErrorReason,
    tool: ToolSummary | null,
    details: Partial<MessageContext> = {},
  ): RenderedError {
    const { status, message } = gatewayErrors[reason];
    const context: MessageContext = {
      origin: app.config.origin,
      tool: tool?.name ?? 'This tool',
      keyTool: 'another tool',
      revokedAt: null,
      isServiceAccount: false,
      ...details,
    };
    return {
      rules: dialectRules[tool?.dialect ?? 'generic'],
      error: { status, reason, message: message(context), requestId: requestIdOf(request) },
    };
  }

  /** Null if the database can't be read, too: the call still gets its error. */
  function toolOf(target: RequestTarget | null): ToolSummary | null {
    try {
      return target === null ? null : keyRepository.tool(target.slug);
    } catch {
      return null;
    }
  }

  return {
    /** @param code how the upstream failed, for the log. */
    report(
      request: IncomingMessage,
      reason: GatewayErrorReason,
      target: RequestTarget | null,
      code?: string,
    ): RenderedError {
      const tool = toolOf(target);
      countAndLog(request, reason, target, tool, code);
      return render(request, reason, tool);
    },
    /** The same for a rejected key, which also goes on the audit trail. */
    reportRejectedKey(
      request: IncomingMessage,
      reason: GatewayErrorReason,
      target: RequestTarget,
      key: KeyRecord | null,
    ): RenderedError {
      const { slug, endpoint } = target;
      const tool = keyRepository.tool(slug);
      const description = key === null ? null : keyRepository.description(key.id);
      countAndLog(request, reason, target, tool);
      // A call without any key is a client's probe, not a rejected key.
      if (reason !== 'key-missing') {
        auditor.record({
          reason,
          endpoint,
          origin: {
            requestId: requestIdOf(request),
            address: addressOf(request),
            userAgent: request.headers['user-agent'] ?? null,
          },
          tool: tool === null ? null : { id: tool.id, slug },
          key: key === null ? null : { ...key, ...description },
        });
      }
      return render(request, reason, tool, {
        keyTool: description?.toolName ?? 'another tool',
        revokedAt: key?.revokedAt ?? null,
        isServiceAccount: key?.holderId.startsWith('sva_') ?? false,
      });
    },
    /** Logs that an upstream broke off a response that had begun. It's too late for an error response. */
    logUpstreamBroken(request: IncomingMessage, tool: string, code: string): void {
      app.log.warn({ requestId: requestIdOf(request), tool, code }, 'upstream broke off a response');
    },
    requestIdOf,
    /** Resolves when the audit entries are written. */
    close: () => auditor.close(),
  };
}

import type { IncomingMessage } from 'node:http';
import type { ActiveCall } from './active-calls.server';
import type { FinishedCall } from './call-metrics';
import type { GatewayErrorReason } from './error-catalogue';
import type { GatewayContext } from './gateway-context';
import type { RoutedKey } from './key-records';
import type { RequestTarget } from './request-target';

/** What proxied calls and WebSockets share: an active call that is counted when it ends. */
export abstract class GatewayCall implements ActiveCall, FinishedCall {
  readonly keyId: string;
  readonly holderId: string;
  readonly toolId: string;
  index: number | null = null;
  readonly arrivedAt = performance.now();
  sentAt: number | null = null;
  respondedAt: number | null = null;
  /**
   * `refused`, `aborted`, `upstream-broken`, `client-closed`, `upgraded` (a WebSocket that ended normally), or the class
   * of the status, such as `2xx`.
   */
  outcome = 'client-closed';

  constructor(
    protected readonly context: GatewayContext,
    readonly request: IncomingMessage,
    protected readonly target: RequestTarget,
    key: RoutedKey,
  ) {
    this.keyId = key.id;
    this.holderId = key.holderId;
    this.toolId = key.toolId;
    context.calls.add(this);
  }

  abstract abort(reason: GatewayErrorReason): void;

  protected renderError(reason: GatewayErrorReason, code?: string) {
    return this.context.errors.report(this.request, reason, this.target, code);
  }

  protected logUpstreamBroken(code: string): void {
    this.context.errors.logUpstreamBroken(this.request, this.target.slug, code);
  }

  /** The call has ended, in whatever way. */
  protected finish(): void {
    this.context.calls.remove(this);
    this.context.metrics.finish(this.target.slug, this, performance.now());
  }
}

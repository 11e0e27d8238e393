import type { AppContext } from '~/app-context.server';
import type { ActiveCalls } from './active-calls.server';
import type { Authorize } from './authorize.server';
import type { CallMetrics } from './call-metrics';
import type { ErrorReporter } from './error-reporter.server';
import type { KeyRepository } from './key-repository.server';
import type { LastUsedRecorder } from './last-used.server';
import type { UpstreamPool } from './upstream-pool.server';

/** What the gateway's modules share. */
export interface GatewayContext {
  app: AppContext;
  authorize: Authorize;
  errors: ErrorReporter;
  keyRepository: KeyRepository;
  lastUsed: LastUsedRecorder;
  calls: ActiveCalls;
  upstreams: UpstreamPool;
  metrics: CallMetrics;
}

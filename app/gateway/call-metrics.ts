/** Label of tools that don't exist, so callers can't create time series. */
const UNKNOWN_TOOL = 'unknown';

/** Upper bounds in seconds. */
const OVERHEAD_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1];
const FIRST_BYTE_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const DURATION_SECONDS = [0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

/** `2xx` for 204. */
export const statusClass = (status = 0): string => `${Math.floor(status / 100)}xx`;

/** Counts values by bucket; each bucket includes its upper bound. */
export class Histogram {
  readonly counts: number[];
  sum = 0;

  constructor(readonly bounds: readonly number[]) {
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  add(value: number): void {
    let index = 0;
    while (index < this.bounds.length && value > (this.bounds[index] as number)) index++;
    this.counts[index] = (this.counts[index] as number) + 1;
    this.sum += value;
  }
}

/** The metrics of one tool. */
export interface ToolMetrics {
  /** Counts by endpoint and outcome, such as `proxy 2xx`. */
  outcomes: Map<string, number>;
  /** Seconds from a call's arrival until it is sent upstream: the latency this server adds. */
  overhead: Histogram;
  /** Seconds from then until the upstream's response begins. */
  firstByte: Histogram;
  /** Seconds from a call's arrival to its last byte. */
  duration: Histogram;
}

/** A call that has ended. Times are milliseconds of `performance.now()`, null if it never got that far. */
export interface FinishedCall {
  readonly outcome: string;
  readonly arrivedAt: number;
  readonly sentAt: number | null;
  readonly respondedAt: number | null;
}

/**
 * Counts calls at the gateway in plain numbers, which the metrics endpoint reads: prom-client's counters cost several
 * times as much, and this runs on every call. The number of time series is bounded by tools times outcomes.
 */
export class CallMetrics {
  readonly tools = new Map<string, ToolMetrics>();

  /** @param slug the tool's; null if it doesn't exist. */
  count(endpoint: 'proxy' | 'verify', slug: string | null, outcome: string): void {
    const { outcomes } = this.#of(slug ?? UNKNOWN_TOOL);
    const name = `${endpoint} ${outcome}`;
    outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
  }

  /** Counts a proxied call that has ended. Refused calls were already counted with their reason. */
  finish(slug: string, { outcome, arrivedAt, sentAt, respondedAt }: FinishedCall, now: number): void {
    if (outcome !== 'refused') this.count('proxy', slug, outcome);
    const { overhead, firstByte, duration } = this.#of(slug);
    if (sentAt !== null) overhead.add((sentAt - arrivedAt) / 1_000);
    if (sentAt !== null && respondedAt !== null) firstByte.add((respondedAt - sentAt) / 1_000);
    duration.add((now - arrivedAt) / 1_000);
  }

  #of(slug: string): ToolMetrics {
    let metrics = this.tools.get(slug);
    if (metrics === undefined) {
      metrics = {
        outcomes: new Map(),
        overhead: new Histogram(OVERHEAD_SECONDS),
        firstByte: new Histogram(FIRST_BYTE_SECONDS),
        duration: new Histogram(DURATION_SECONDS),
      };
      this.tools.set(slug, metrics);
    }
    return metrics;
  }
}

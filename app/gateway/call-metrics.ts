/** The slug under which calls are counted whose tool is not in the catalogue, so that strangers make no series. */
const UNKNOWN_TOOL = 'unknown';

/** Upper bounds in seconds. */
const ADDED_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1];
const FIRST_BYTE_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const DURATION_SECONDS = [0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

/** `2xx` for 204. */
export const statusClass = (status = 0): string => `${Math.floor(status / 100)}xx`;

/** How many values lie at or under each bound and above the one before, and their sum. */
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

/** What is counted of one tool. */
export interface ToolMetrics {
  /** By endpoint and outcome, as `proxy 2xx`. */
  outcomes: Map<string, number>;
  /** From a call's arrival until it is on its way to the upstream: what this server adds to it. */
  added: Histogram;
  /** From then until the upstream's answer begins. */
  firstByte: Histogram;
  /** From its arrival to its end, streams to their last byte. */
  duration: Histogram;
}

/** A call that has ended. Times in milliseconds of one clock; null for what it never came to. */
export interface FinishedCall {
  readonly outcome: string;
  readonly arrivedAt: number;
  readonly sentAt: number | null;
  readonly answeredAt: number | null;
}

/**
 * Counts what happens at the gateway: plain numbers in memory, read when somebody asks for the metrics, since the
 * metrics' own counters cost several times as much, and this is on the way of every call. There are as many
 * series as tools in the catalogue times outcomes, both of which nobody outside can add to.
 */
export class CallMetrics {
  readonly tools = new Map<string, ToolMetrics>();

  /** @param slug of a tool in the catalogue; null for any other. */
  count(endpoint: 'proxy' | 'verify', slug: string | null, outcome: string): void {
    const { outcomes } = this.#of(slug ?? UNKNOWN_TOOL);
    const name = `${endpoint} ${outcome}`;
    outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
  }

  /** A proxied call has ended; one that was refused has been counted as such already. */
  ended(slug: string, { outcome, arrivedAt, sentAt, answeredAt }: FinishedCall, now: number): void {
    if (outcome !== 'refused') this.count('proxy', slug, outcome);
    const { added, firstByte, duration } = this.#of(slug);
    if (sentAt !== null) added.add((sentAt - arrivedAt) / 1_000);
    if (sentAt !== null && answeredAt !== null) firstByte.add((answeredAt - sentAt) / 1_000);
    duration.add((now - arrivedAt) / 1_000);
  }

  #of(slug: string): ToolMetrics {
    let tallies = this.tools.get(slug);
    if (tallies === undefined) {
      tallies = {
        outcomes: new Map(),
        added: new Histogram(ADDED_SECONDS),
        firstByte: new Histogram(FIRST_BYTE_SECONDS),
        duration: new Histogram(DURATION_SECONDS),
      };
      this.tools.set(slug, tallies);
    }
    return tallies;
  }
}

import { statSync } from 'node:fs';
import { count, eq, min } from 'drizzle-orm';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { AppContext } from '~/app-context.server';
import { readHead } from '~/audit/record.server';
import { databaseFile } from '~/core/config.server';
import type { CallMetrics } from '~/gateway/call-metrics';
import type { Gateway } from '~/gateway/gateway.server';
import { keys } from '~db/schema';
import { keyStatuses } from '~db/schema/enums';
import { version } from '../../package.json';
import { histogramText } from './histogram-text';

export interface Metrics {
  contentType: string;
  /** Current values in Prometheus' text format. */
  text(): Promise<string>;
}

/** All metrics of the server. No labels identify keys or people. */
export function createMetrics(
  app: Pick<AppContext, 'config' | 'db' | 'now'>,
  callMetrics: CallMetrics,
  gateway: Pick<Gateway, 'activeCalls'>,
): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  addGateway(register, callMetrics, gateway);
  addKeys(register, app);
  addDatabase(register, app);
  new Gauge({
    name: 'my_ai_keys_info',
    help: 'Always 1; the version is in the label.',
    labelNames: ['version'],
    registers: [register],
  }).set({ version }, 1);
  return {
    contentType: register.contentType,
    text: async () => `${await register.metrics()}\n${histogramsText(callMetrics)}`,
  };
}

/** Buckets are in seconds; see `app/gateway/call-metrics.ts`. */
const HISTOGRAMS = [
  ['overhead', 'Time from receiving a call until it is sent to the upstream.'],
  ['first_byte', 'Time from sending a call to the upstream until its response begins.'],
  ['duration', 'Time from receiving a call until its response ends, including streams.'],
] as const;

const histogramsText = ({ tools }: CallMetrics): string =>
  HISTOGRAMS.map(([name, help]) => {
    const kind = name === 'first_byte' ? 'firstByte' : name;
    const histograms = [...tools].map(([tool, metrics]) => [tool, metrics[kind]] as const);
    return histogramText(`my_ai_keys_gateway_${name}_seconds`, help, histograms);
  }).join('');

function addGateway(register: Registry, { tools }: CallMetrics, gateway: Pick<Gateway, 'activeCalls'>): void {
  const registers = [register];
  new Counter({
    name: 'my_ai_keys_gateway_requests_total',
    help: 'Gateway requests by outcome: status class of the response, error code, or how it was aborted.',
    labelNames: ['endpoint', 'tool', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const [tool, { outcomes }] of tools) {
        for (const [name, count] of outcomes) {
          const [endpoint = '', outcome = ''] = name.split(' ');
          this.inc({ endpoint, tool, outcome }, count);
        }
      }
    },
  });
  new Gauge({
    name: 'my_ai_keys_gateway_active_calls',
    help: 'Calls in progress, including streams and upgraded connections.',
    registers,
    collect() {
      this.set(gateway.activeCalls());
    },
  });
}

function addKeys(register: Registry, { db, now }: Pick<AppContext, 'db' | 'now'>): void {
  const registers = [register];
  new Gauge({
    name: 'my_ai_keys_keys',
    help: 'Keys by status.',
    labelNames: ['status'],
    registers,
    async collect() {
      const rows = await db.read
        .select({ status: keys.status, count: count() })
        .from(keys)
        .groupBy(keys.status);
      const counts = new Map(rows.map(({ status, count }) => [status, count]));
      for (const status of keyStatuses) this.set({ status }, counts.get(status) ?? 0);
    },
  });
  new Gauge({
    name: 'my_ai_keys_oldest_pending_seconds',
    help: 'Age of the oldest pending request; 0 if there is none.',
    registers,
    async collect() {
      const [oldest] = await db.read
        .select({ createdAt: min(keys.createdAt) })
        .from(keys)
        .where(eq(keys.status, 'PENDING'));
      const since = oldest?.createdAt ?? null;
      this.set(since === null ? 0 : Math.max(0, (now() - since) / 1_000));
    },
  });
}

function addDatabase(register: Registry, { db, config }: Pick<AppContext, 'db' | 'config'>): void {
  const registers = [register];
  const path = databaseFile(config);
  new Gauge({
    name: 'my_ai_keys_database_bytes',
    help: 'Size of the database and its write-ahead log.',
    labelNames: ['file'],
    registers,
    collect() {
      this.set({ file: 'database' }, sizeOf(path));
      this.set({ file: 'log' }, sizeOf(`${path}-wal`));
    },
  });
  new Counter({
    name: 'my_ai_keys_audit_entries_total',
    help: 'Number of audit entries.',
    registers,
    async collect() {
      const { seq } = await readHead(db.read);
      this.reset();
      this.inc(seq);
    },
  });
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

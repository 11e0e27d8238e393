import { statSync } from 'node:fs';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { App } from '~/app-context.server';
import { databaseFile } from '~/core/config.server';
import type { GatewayMeter } from '~/gateway/call-metrics';
import type { Gateway } from '~/gateway/gateway.server';
import { keyStatuses } from '~db/schema/enums';
import { version } from '../../package.json';
import { histogramText } from './histogram-text';

export interface Metrics {
  contentType: string;
  /** Everything as it is now, in Prometheus' text form. */
  text(): Promise<string>;
}

/** What the server can be watched by. Nothing here is counted for anybody by name: no keys, no people. */
export function createMetrics(
  app: Pick<App, 'config' | 'db' | 'now'>,
  meter: GatewayMeter,
  gateway: Pick<Gateway, 'openCalls'>,
): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  addGateway(register, meter, gateway);
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
    text: async () => `${await register.metrics()}\n${HISTOGRAMS.map((of) => of(meter)).join('')}`,
  };
}

const histogram =
  (tallied: 'added' | 'firstByte' | 'duration', name: string, help: string) =>
  ({ tools }: GatewayMeter): string =>
    histogramText(
      name,
      help,
      [...tools].map(([tool, tallies]) => [tool, tallies[tallied]]),
    );

/** Bounds in seconds; see `app/gateway/call-metrics.ts`. */
const HISTOGRAMS = [
  histogram(
    'added',
    'my_ai_keys_gateway_added_seconds',
    'From the arrival of a call until it is on its way to the upstream.',
  ),
  histogram(
    'firstByte',
    'my_ai_keys_gateway_first_byte_seconds',
    'From there until the answer of the upstream begins.',
  ),
  histogram(
    'duration',
    'my_ai_keys_gateway_duration_seconds',
    'From the arrival of a call to its end; a stream to its last byte.',
  ),
];

function addGateway(register: Registry, { tools }: GatewayMeter, gateway: Pick<Gateway, 'openCalls'>): void {
  const registers = [register];
  new Counter({
    name: 'my_ai_keys_gateway_requests_total',
    help: 'Requests at the gateway, by how they ended: the status class of the answer, why it was refused, broken or gone.',
    labelNames: ['door', 'tool', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const [tool, { outcomes }] of tools) {
        for (const [name, count] of outcomes) {
          const [door = '', outcome = ''] = name.split(' ');
          this.inc({ door, tool, outcome }, count);
        }
      }
    },
  });
  new Gauge({
    name: 'my_ai_keys_gateway_open_calls',
    help: 'Calls under way, streams and upgraded connections among them.',
    registers,
    collect() {
      this.set(gateway.openCalls());
    },
  });
}

function addKeys(register: Registry, { db, now }: Pick<App, 'db' | 'now'>): void {
  const registers = [register];
  const { read } = db.connections;
  const byStatus = read.prepare<[], { status: string; count: number }>(
    'select status, count(*) as count from keys group by status',
  );
  const oldest = read
    .prepare<[], number | null>("select min(created_at) from keys where status = 'PENDING'")
    .pluck();
  new Gauge({
    name: 'my_ai_keys_keys',
    help: 'Keys by status.',
    labelNames: ['status'],
    registers,
    collect() {
      const counts = new Map(byStatus.all().map(({ status, count }) => [status, count]));
      for (const status of keyStatuses) this.set({ status }, counts.get(status) ?? 0);
    },
  });
  new Gauge({
    name: 'my_ai_keys_oldest_pending_seconds',
    help: 'For how long the oldest pending request has waited; 0 when none does.',
    registers,
    collect() {
      const since = oldest.get();
      this.set(typeof since === 'number' ? Math.max(0, (now() - since) / 1_000) : 0);
    },
  });
}

function addDatabase(register: Registry, { db, config }: Pick<App, 'db' | 'config'>): void {
  const registers = [register];
  const path = databaseFile(config);
  const last = db.connections.read
    .prepare<[], number>('select coalesce(max(seq), 0) from audit_entries')
    .pluck();
  new Gauge({
    name: 'my_ai_keys_database_bytes',
    help: 'Size of the database and of its write-ahead log.',
    labelNames: ['file'],
    registers,
    collect() {
      this.set({ file: 'database' }, sizeOf(path));
      this.set({ file: 'log' }, sizeOf(`${path}-wal`));
    },
  });
  new Counter({
    name: 'my_ai_keys_audit_entries_total',
    help: 'Entries of the audit trail.',
    registers,
    collect() {
      this.reset();
      this.inc(last.get() ?? 0);
    },
  });
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

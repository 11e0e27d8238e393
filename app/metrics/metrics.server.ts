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
  /** Everything as it is now, in Prometheus' text form. */
  text(): Promise<string>;
}

/** What the server can be watched by. Nothing here is counted for anybody by name: no keys, no people. */
export function createMetrics(
  app: Pick<AppContext, 'config' | 'db' | 'now'>,
  meter: CallMetrics,
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
  ({ tools }: CallMetrics): string =>
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

function addGateway(register: Registry, { tools }: CallMetrics, gateway: Pick<Gateway, 'openCalls'>): void {
  const registers = [register];
  new Counter({
    name: 'my_ai_keys_gateway_requests_total',
    help: 'Requests at the gateway, by how they ended: the status class of the answer, why it was refused, broken or gone.',
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
    name: 'my_ai_keys_gateway_open_calls',
    help: 'Calls under way, streams and upgraded connections among them.',
    registers,
    collect() {
      this.set(gateway.openCalls());
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
    help: 'For how long the oldest pending request has waited; 0 when none does.',
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
    async collect() {
      const { seq } = await readHead(db.read);
      this.reset();
      this.inc(seq);
    },
  });
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

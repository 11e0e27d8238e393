import { type Bench, median, type Row, spread, whole } from '../bench';
import { type Contender, compare, cpuTimes, medianOf, p50, perSecond, ratios } from '../compare';
import { CHAT } from '../load';
import { startPortkey } from '../processes';
import { SLUG, startGateway } from './calls';
import { freePort, startPlainProxy, startUpstream } from './upstream';

const TARGET_BARE = 1;
const TARGET_PORTKEY = 12;
const TARGET_ADDED = 0.25;
const PATH = '/v1/chat/completions';

async function contenders(bench: Bench) {
  const upstream = await startUpstream(bench);
  const { server, bare, keys } = await startGateway(bench, upstream);
  const portkey = await startPortkey(bench.cleanup, bench.folder, await freePort());
  const headers = { 'content-type': 'application/json' };
  const call = { body: CHAT, headers, keys };
  const routing = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream}/v1` };
  return {
    direct: { ...call, url: upstream + PATH },
    nginx: { ...call, url: (await startPlainProxy(bench, upstream)) + PATH },
    bare: { ...call, url: `${bare.origin}/gateway/${SLUG}${PATH}`, pid: bare.pid },
    ours: { ...call, url: `${server.url}/gateway/${SLUG}${PATH}`, pid: server.pid },
    portkey: { ...call, url: portkey.origin + PATH, headers: { ...headers, ...routing }, pid: portkey.pid },
  } satisfies Record<string, Contender>;
}

/** The proxy endpoint compared with a bare pass-through, nginx and Portkey. */
export async function proxy(bench: Bench): Promise<Row[]> {
  const { direct, nginx, bare, ours, portkey } = await contenders(bench);
  const rounds = await compare(bench, { bare, ours, nginx, portkey }, 32);
  const toBare = ratios(rounds.ours, rounds.bare, perSecond);
  const toPortkey = ratios(rounds.ours, rounds.portkey, perSecond);
  const toNginx = ratios(rounds.ours, rounds.nginx, perSecond);
  const measured = (ratio: number[], beside: (typeof rounds)['bare']) =>
    `${spread(ratio)} × (${whole(medianOf(rounds.ours, perSecond))} to ${whole(medianOf(beside, perSecond))}; ${cpuTimes(rounds.ours, beside)})`;
  return [
    {
      metric: 'proxy, requests/s',
      target: `≥ ${TARGET_BARE.toFixed(2)} × bare undici pass-through with the same read`,
      measured: measured(toBare, rounds.bare),
      met: median(toBare) >= TARGET_BARE,
    },
    {
      metric: 'proxy, requests/s',
      target: `≥ ${TARGET_PORTKEY} × Portkey's gateway`,
      measured: measured(toPortkey, rounds.portkey),
      met: median(toPortkey) >= TARGET_PORTKEY,
    },
    {
      metric: 'proxy, requests/s',
      target: 'for comparison: nginx as a plain proxy',
      measured: measured(toNginx, rounds.nginx),
      met: null,
    },
    await addedLatency(bench, { direct, bare, ours, portkey }),
  ];
}

async function addedLatency(
  bench: Bench,
  all: Record<'direct' | 'bare' | 'ours' | 'portkey', Contender>,
): Promise<Row> {
  const rounds = await compare(bench, all, 1);
  const added = (name: 'bare' | 'ours' | 'portkey') =>
    rounds[name].map((result, round) => p50(result) - (rounds.direct[round]?.p50Ms ?? Number.NaN));
  const portkeys = added('portkey');
  const ratio = added('ours').map((ms, round) => ms / (portkeys[round] ?? Number.NaN));
  const ms = (name: 'bare' | 'ours' | 'portkey') => median(added(name)).toFixed(3);
  return {
    metric: 'proxy, added p50 at 1 connection over direct',
    target: `≤ ${TARGET_ADDED} × Portkey's gateway`,
    measured: `${spread(ratio, 3)} × (${ms('ours')} ms to ${ms('portkey')} ms; bare ${ms('bare')} ms)`,
    met: median(ratio) <= TARGET_ADDED,
  };
}

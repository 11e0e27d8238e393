import { type Bench, median, type Row, spread, whole } from '../bench';
import { type Contender, compare, cpuTimes, medianOf, p50, perSecond, ratios } from '../compare';
import { CHAT } from '../load';
import { startPortkey } from '../processes';
import { SLUG, startGateway } from './calls';
import { freePort, startPlainProxy, startUpstream } from './upstream';

const MUST_BARE = 0.8;
const MUST_PORTKEY = 10;
const MUST_ADDED = 0.25;
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

/** The proxy endpoint beside everything else that could stand there. */
export async function proxy(bench: Bench): Promise<Row[]> {
  const { direct, nginx, bare, ours, portkey } = await contenders(bench);
  const rounds = await compare(bench, { bare, ours, nginx, portkey }, 32);
  const toBare = ratios(rounds.ours, rounds.bare, perSecond);
  const toPortkey = ratios(rounds.ours, rounds.portkey, perSecond);
  const toNginx = ratios(rounds.ours, rounds.nginx, perSecond);
  const reached = (ratio: number[], beside: (typeof rounds)['bare']) =>
    `${spread(ratio)} × (${whole(medianOf(rounds.ours, perSecond))} to ${whole(medianOf(beside, perSecond))}; ${cpuTimes(rounds.ours, beside)})`;
  return [
    {
      what: 'proxy, requests/s',
      mustReach: `≥ ${MUST_BARE.toFixed(2)} × bare undici pass-through with the same read`,
      reached: reached(toBare, rounds.bare),
      met: median(toBare) >= MUST_BARE,
    },
    {
      what: 'proxy, requests/s',
      mustReach: `≥ ${MUST_PORTKEY} × Portkey’s gateway`,
      reached: reached(toPortkey, rounds.portkey),
      met: median(toPortkey) >= MUST_PORTKEY,
    },
    {
      what: 'proxy, requests/s',
      mustReach: 'for comparison: nginx as a plain proxy',
      reached: reached(toNginx, rounds.nginx),
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
    what: 'proxy, added p50 at 1 connection over direct',
    mustReach: `≤ ${MUST_ADDED} × Portkey’s gateway`,
    reached: `${spread(ratio, 3)} × (${ms('ours')} ms to ${ms('portkey')} ms; bare ${ms('bare')} ms)`,
    met: median(ratio) <= MUST_ADDED,
  };
}

import { type Bench, median, type Row, spread, whole } from '../bench';
import { compare, cpuTimes, medianOf, perSecond, ratios } from '../compare';
import { CHAT } from '../load';
import { SLUG, startGateway } from './calls';
import { startUpstream } from './upstream';

const TARGET = 0.9;

/** The verify endpoint compared with a bare server that does the same hash and the same read. */
export async function verify(bench: Bench): Promise<Row[]> {
  const { server, bare, keys } = await startGateway(bench, await startUpstream(bench));
  const call = { body: CHAT, headers: { 'content-type': 'application/json' }, keys };
  const rounds = await compare(
    bench,
    {
      bare: { ...call, url: `${bare.origin}/verify/${SLUG}`, pid: bare.pid },
      ours: { ...call, url: `${server.url}/verify/${SLUG}`, pid: server.pid },
    },
    32,
  );
  const ratio = ratios(rounds.ours, rounds.bare, perSecond);
  const [ours, beside] = [medianOf(rounds.ours, perSecond), medianOf(rounds.bare, perSecond)];
  return [
    {
      metric: 'verify, requests/s',
      target: `≥ ${TARGET.toFixed(2)} × bare Node with the same read`,
      measured: `${spread(ratio)} × (${whole(ours)} to ${whole(beside)}; ${cpuTimes(rounds.ours, rounds.bare)})`,
      met: median(ratio) >= TARGET,
    },
  ];
}

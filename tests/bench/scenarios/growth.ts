import { join } from 'node:path';
import { type Bench, median, type Row, spread, whole } from '../bench';
import { compare, medianOf, perSecond, ratios } from '../compare';
import { addKeys, addRoutedTool, addUsers, type KeyRow, makeData } from '../dataset';
import { CHAT } from '../load';
import { SLUG } from './calls';

const TARGET = 0.95;
const ACTIVE = 1_000;

/** The verify endpoint on a small and on a large keys table, called with the same number of different keys. */
export async function growth(bench: Bench): Promise<Row[]> {
  const large = bench.quick ? 50_000 : 1_000_000;
  const contenders = {
    small: await contender(bench, 'small', ACTIVE),
    large: await contender(bench, 'large', large),
  };
  const rounds = await compare(bench, contenders, 32);
  const ratio = ratios(rounds.large, rounds.small, perSecond);
  const [more, less] = [medianOf(rounds.large, perSecond), medianOf(rounds.small, perSecond)];
  return [
    {
      metric: `keys table from 1 thousand to ${whole(large)} rows`,
      target: `verify keeps ≥ ${TARGET} of its throughput`,
      measured: `${spread(ratio)} (${whole(more)} to ${whole(less)} requests/s, ${whole(ACTIVE)} different keys)`,
      met: median(ratio) >= TARGET,
    },
  ];
}

async function contender(bench: Bench, name: string, count: number) {
  const dataDir = join(bench.folder, name);
  bench.log(`filling a table with ${whole(count)} keys`);
  const keys = await makeData(dataDir, async (app) => {
    const toolId = await addRoutedTool(app, SLUG, 'https://upstream.example');
    const holders = addUsers(app, ACTIVE);
    return addKeys(app, rows(holders, toolId, count, app.now()));
  });
  const server = await bench.serve(dataDir);
  const headers = { 'content-type': 'application/json' };
  return { url: `${server.url}/verify/${SLUG}`, body: CHAT, headers, keys, pid: server.pid };
}

/** Active keys spread evenly among revoked ones. */
function* rows(holders: string[], toolId: string, count: number, now: number): Generator<KeyRow> {
  const every = count / holders.length;
  for (let index = 0; index < count; index++) {
    const status = index % every === 0 ? 'ACTIVE' : 'REVOKED';
    const holderId = holders[Math.floor(index / every)] ?? '';
    yield { holderId, toolId, status, createdAt: now - (count - index) };
  }
}

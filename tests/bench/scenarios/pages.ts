import { join } from 'node:path';
import { signIn } from '../../helpers/http';
import { ADMIN } from '../../helpers/server';
import { type Bench, median, type Row, spread, whole } from '../bench';
import {
  addAuditEntries,
  addKeys,
  addRoutedTool,
  addUsers,
  adminId,
  type KeyRow,
  makeData,
} from '../dataset';
import { putLoad } from '../load';

const HELD = 50;
const TARGET_P95_MS = 50;
const ENVIRONMENTS = ['development', 'staging', 'production'] as const;

/** `/me/ai-keys` of a person with 50 keys, among 100,000. */
export async function pages(bench: Bench): Promise<Row[]> {
  const count = bench.quick ? 10_000 : 100_000;
  const dataDir = join(bench.folder, 'data');
  await makeData(dataDir, async (app) => {
    const toolIds: string[] = [];
    for (const slug of ['one', 'two', 'three'])
      toolIds.push(await addRoutedTool(app, slug, 'https://upstream.example'));
    const now = app.now();
    addKeys(app, ownKeys(await adminId(app), toolIds, now));
    addKeys(app, othersKeys(addUsers(app, 500), toolIds, count - HELD, now));
  });
  const { url, cookie } = await signedIn(bench, dataDir);
  const page = `${url}/me/ai-keys`;
  const held = (await (await fetch(page, { headers: { cookie } })).text()).match(/data-row/g)?.length ?? 0;
  if (held < HELD) throw new Error(`the page shows ${held} rows`);
  const perSecond: number[] = [];
  const p50Ms: number[] = [];
  const load = { url: page, headers: { cookie }, connections: 4 };
  await putLoad(bench.folder, { ...load, seconds: bench.seconds });
  for (let round = 0; round < bench.rounds; round++) {
    const result = await putLoad(bench.folder, { ...load, seconds: bench.seconds });
    perSecond.push(result.perSecond);
    p50Ms.push((await putLoad(bench.folder, { ...load, connections: 1, seconds: 1 })).p50Ms);
    bench.log(`round ${round + 1}: ${result.perSecond.toFixed(0)} pages/s`);
  }
  return [
    {
      metric: `\`/me/ai-keys\` rendered, ${HELD} keys held, ${whole(count)} in the database`,
      target: 'for information',
      measured: `${spread(perSecond, 0)} pages/s; one page alone ${median(p50Ms).toFixed(1)} ms`,
      met: null,
    },
  ];
}

/** First, middle and last pages of a long audit trail, with and without filters. */
export async function audit(bench: Bench): Promise<Row[]> {
  const count = bench.quick ? 50_000 : 1_000_000;
  const dataDir = join(bench.folder, 'data');
  bench.log(`filling an audit trail with ${whole(count)} entries`);
  await makeData(dataDir, async (app) => addAuditEntries(app, count, addUsers(app, 200)));
  const { url, cookie } = await signedIn(bench, dataDir);
  const rows: Row[] = [];
  for (const [name, query] of [
    ['first page', ''],
    ['page in the middle', `?cursor=${count / 2}`],
    ['last page', '?cursor=40'],
    ['first page of one person', '?actor=person7%40example.com'],
    ['page of one action in the middle', `?action=key.revoked&cursor=${count / 2}`],
  ] as const) {
    const load = { url: `${url}/admin/audit${query}`, headers: { cookie }, connections: 1 };
    await putLoad(bench.folder, { ...load, seconds: 1 });
    const p95: number[] = [];
    const p50: number[] = [];
    for (let round = 0; round < Math.min(bench.rounds, 3); round++) {
      const result = await putLoad(bench.folder, { ...load, seconds: bench.seconds });
      p95.push(result.p95Ms);
      p50.push(result.p50Ms);
    }
    bench.log(`${name}: p95 ${spread(p95, 1)} ms`);
    rows.push({
      metric: `\`/admin/audit\`, ${name}, ${whole(count)} entries`,
      target: `p95 ≤ ${TARGET_P95_MS} ms`,
      measured: `p95 ${spread(p95, 1)} ms, p50 ${median(p50).toFixed(1)} ms`,
      met: median(p95) <= TARGET_P95_MS,
    });
  }
  return rows;
}

async function signedIn(bench: Bench, dataDir: string): Promise<{ url: string; cookie: string }> {
  const { url } = await bench.serve(dataDir);
  const { cookie } = await signIn(url, ADMIN);
  return { url, cookie };
}

/** One live key per tool and environment; the others have ended. */
function* ownKeys(holderId: string, toolIds: string[], now: number): Generator<KeyRow> {
  let made = 0;
  for (const toolId of toolIds) {
    for (const environment of ENVIRONMENTS) {
      const status = environment === 'production' ? 'PENDING' : 'ACTIVE';
      yield { holderId, toolId, environment, status, createdAt: now - made++ * 60_000 };
    }
  }
  for (; made < HELD; made++) {
    const status = made % 3 === 0 ? 'REJECTED' : 'REVOKED';
    yield { holderId, toolId: toolIds[made % toolIds.length] ?? '', status, createdAt: now - made * 60_000 };
  }
}

function* othersKeys(holderIds: string[], toolIds: string[], count: number, now: number): Generator<KeyRow> {
  for (let made = 0; made < count; made++) {
    const holderId = holderIds[made % holderIds.length] ?? '';
    const live = made < holderIds.length;
    const toolId = toolIds[made % toolIds.length] ?? '';
    yield { holderId, toolId, status: live ? 'ACTIVE' : 'REVOKED', createdAt: now - made * 1000 };
  }
}

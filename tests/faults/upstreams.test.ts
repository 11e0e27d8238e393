import { readdirSync, readlinkSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { serveUpstream } from '../gateway/harness';
import { temporaryFolder } from '../helpers/app';
import { createHttpTeam, createTool, requestKey } from '../helpers/http-team';
import { ready } from '../helpers/server';
import { type BrokenUpstream, brokenUpstreams, type Seen, serveBrokenUpstream } from './broken-upstreams';
import { launchServer, onFolder } from './processes';
import { amount, counted, limit, reportLog, wait } from './report';

/** Without a body, with one that is buffered completely, and with one that is still streaming. */
const REQUESTS = {
  'no body': { method: 'GET', body: '' },
  'a small body': { method: 'POST', body: 'x'.repeat(500) },
  'a large body': { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) },
} as const;

/** A response without new data for this long counts as open; all others take less. */
const OPEN_AFTER_MS = 1_500;

/** Makes a call and returns what the client saw; aborts a response that stays open. */
function see(
  url: string,
  { method, body }: { method: string; body: string },
  rawKey = '',
): Promise<{ seen: Seen; text: string }> {
  return new Promise((settle) => {
    let text = '';
    const resolve = (seen: Seen) => settle({ seen, text });
    const headers = { 'x-api-key': rawKey, ...(body === '' ? {} : { 'content-length': body.length }) };
    const outgoing = request(url, { method, headers, agent: false }, (answer: IncomingMessage) => {
      const { statusCode = 0 } = answer;
      let idle: NodeJS.Timeout | undefined;
      const restartTimer = () => {
        clearTimeout(idle);
        idle = setTimeout(() => {
          resolve('open');
          outgoing.destroy();
        }, OPEN_AFTER_MS);
      };
      restartTimer();
      answer.on('data', (piece) => {
        text += piece;
        restartTimer();
      });
      answer.once('end', () => resolve(answer.complete ? statusCode : 'broken'));
      answer.once('error', () => resolve('broken'));
      answer.once('close', () => clearTimeout(idle));
    });
    outgoing.once('error', () => resolve('broken'));
    outgoing.end(body);
  });
}

/** Number of open sockets of a process. */
const openSockets = (pid: number): number =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      return false; // closed in between
    }
  }).length;

/** Waits, as long as idle connections are kept, until the process has at most `wanted` sockets; returns their number. */
async function settledSockets(pid: number, wanted: number): Promise<number> {
  for (let waited = 0; waited < 12_000 && openSockets(pid) > wanted; waited += 100) await wait(100);
  return openSockets(pid);
}

describe('Broken upstreams', () => {
  it(
    'end in the right status or a broken connection, leak no socket and leave the server running',
    limit({ short: 60, full: 300 }),
    async ({ task }) => {
      const log = reportLog(task);
      const server = launchServer(onFolder(temporaryFolder()));
      const url = await ready(server);
      const { pid = 0 } = server.child;
      const { admins } = await createHttpTeam(url, 0);
      const places: { slug: string; rawKey: string; bad: BrokenUpstream; open(): number }[] = [];
      for (const [index, bad] of brokenUpstreams.entries()) {
        const slug = `bad-${index}`;
        const upstream = await serveBrokenUpstream(bad.behave);
        // Longer than a busy machine is silent by itself.
        await createTool(admins[0], slug, upstream.url, amount(3_000, 5_000));
        places.push({ slug, ...(await requestKey(admins[0], slug)), bad, open: upstream.open });
      }
      await wait(200);
      const before = openSockets(pid);
      const wrong: string[] = [];
      let calls = 0;
      for (let round = 0; round < amount(1, 10); round++) {
        // All concurrently: one broken upstream must not affect the calls to the others.
        await Promise.all(
          places.flatMap(({ slug, rawKey, bad }) =>
            Object.entries(REQUESTS).map(async ([kind, wanted]) => {
              const { seen, text } = await see(`${url}/gateway/${slug}/v1/things`, wanted, rawKey);
              calls += 1;
              if (seen !== bad.seen) wrong.push(`${bad.name}, ${kind}: ${seen} and not ${bad.seen}`);
              else if (bad.text !== undefined && text !== bad.text)
                wrong.push(`${bad.name}, ${kind}: “${text}” and not “${bad.text}”`);
            }),
          ),
        );
      }
      const after = await settledSockets(pid, before);
      const left = places.filter(({ open }) => open() > 0).map(({ bad }) => bad.name);
      const healthy = (await fetch(`${url}/readyz`)).status;
      server.child.kill('SIGTERM');
      const code = await server.ended;
      log(
        `tried ${counted(brokenUpstreams.length, 'misbehaviour')} with ${Object.keys(REQUESTS).join(', ')}: ${counted(calls, 'call')}`,
      );
      log(
        `found ${counted(wrong.length, 'wrong answer')}; sockets ${before} before, ${after} after; readiness ${healthy}; exit code ${code}`,
      );
      expect(wrong).toEqual([]);
      expect({ left, healthy, code, leaked: after > before }).toEqual({
        left: [],
        healthy: 200,
        code: 0,
        leaked: false,
      });
      expect(server.stderr()).toBe('');
    },
  );

  it(
    'control: a proxy that ends broken responses as if they were complete is caught',
    limit({ short: 60, full: 60 }),
    async ({ task }) => {
      const fooled: string[] = [];
      for (const bad of brokenUpstreams.filter(({ seen }) => seen === 'broken')) {
        const upstream = await serveBrokenUpstream(bad.behave);
        const naive = await serveUpstream((incoming, outgoing) => {
          const forwarded = request(`${upstream.url}${incoming.url}`, (answer) => {
            outgoing.writeHead(answer.statusCode ?? 0);
            answer.on('data', (piece) => outgoing.write(piece));
            answer.once('close', () => outgoing.end());
            answer.on('error', () => undefined);
          });
          forwarded.once('error', () => outgoing.end());
          outgoing.end();
        });
        const { seen } = await see(naive, REQUESTS['no body']);
        if (seen !== bad.seen) fooled.push(`${bad.name}: ${seen}`);
      }
      reportLog(task)(`control caught: ${fooled.join(', ')}`);
      expect(fooled.length).toBeGreaterThan(2);
    },
  );

  it('control: leaked sockets are caught', limit({ short: 60, full: 60 }), async ({ task }) => {
    const before = openSockets(process.pid);
    const upstream = await serveBrokenUpstream(() => undefined);
    // Two sockets per call; more than the idle ones of the tests above, which may close meanwhile.
    const calls = Array.from({ length: 20 }, () =>
      request(upstream.url)
        .on('error', () => undefined)
        .end(),
    );
    await wait(100);
    const after = openSockets(process.pid);
    for (const call of calls) call.destroy();
    reportLog(task)(`control caught: sockets ${before} before, ${after} after`);
    expect(after - before).toBeGreaterThanOrEqual(20);
  });
});

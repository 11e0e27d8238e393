import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { databaseFile } from '~/core/config.server';
import { serveUpstream } from '../gateway/harness';
import { temporaryFolder } from '../helpers/app';
import { createHttpTeam, createTool, requestKey } from '../helpers/http-team';
import { type Launched, ready } from '../helpers/server';
import { launchServer, onFolder } from './processes';
import { amount, counted, limit, reportLog, wait } from './report';

const PIECES = 12;
const PIECE_MS = 100;
/** A complete stream. */
const WHOLE = Array.from({ length: PIECES }, (_, index) => `data: piece ${index}\n\n`).join('');

/** An upstream that sends a stream piece by piece; the one at `/endless` never ends. */
async function serveStreams(): Promise<string> {
  return await serveUpstream(async (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let piece = 0; piece < PIECES || request.url === '/endless'; piece++) {
      if (response.destroyed) return;
      response.write(`data: piece ${piece}\n\n`);
      await wait(PIECE_MS);
    }
    response.end();
  });
}

interface Stream {
  began: Promise<void>;
  /** The text received, and whether the response ended as complete. */
  over: Promise<{ text: string; complete: boolean }>;
}

function openStream(url: string, rawKey: string): Stream {
  let begin: () => void = () => undefined;
  const began = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const over = new Promise<{ text: string; complete: boolean }>((resolve) => {
    let text = '';
    const request = get(
      url,
      { headers: { authorization: `Bearer ${rawKey}` } },
      (answer: IncomingMessage) => {
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => {
          text += piece;
          begin();
        });
        answer.once('end', () => resolve({ text, complete: answer.complete }));
        answer.once('error', () => resolve({ text, complete: false }));
      },
    );
    request.once('error', () => resolve({ text, complete: false }));
  });
  return { began, over };
}

/** Whether anything listens at this address. */
function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Waits up to a second for the server to stop listening. */
async function stopsListening(url: string): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    if (!(await isListening(url))) return true;
    await wait(PIECE_MS / 2);
  }
  return false;
}

interface Stopped {
  code: number | NodeJS.Signals;
  tookMs: number;
  whole: number;
  refusedNewOnes: boolean;
  lastUsedNoted: boolean;
}

/** Sends the signal to a server with open streams; returns what became of them, of new calls and of *last used*. */
async function stopUnderStreams(
  server: Launched,
  dataDir: string,
  signal: NodeJS.Signals,
  streams: number,
): Promise<Stopped> {
  const url = await ready(server);
  const { admins, members } = await createHttpTeam(url, 1);
  await createTool(admins[0], 'slow', await serveStreams(), 5_000);
  const [member] = members;
  if (member === undefined) throw new Error('the team has no member');
  const { rawKey, keyId } = await requestKey(member, 'slow');
  const open = Array.from({ length: streams }, () => openStream(`${url}/gateway/slow/events`, rawKey));
  await Promise.all(open.map(({ began }) => began));
  const startedAt = performance.now();
  server.child.kill(signal);
  const refusedNewOnes = await stopsListening(url);
  const results = await Promise.all(open.map(({ over }) => over));
  const code = await server.ended;
  const tookMs = performance.now() - startedAt;
  const sqlite = new BetterSqlite3(databaseFile({ dataDir }), { readonly: true });
  const lastUsed = sqlite
    .prepare<[string], number | null>('select last_used_at from keys where id = ?')
    .pluck()
    .get(keyId);
  sqlite.close();
  return {
    code,
    tookMs,
    refusedNewOnes,
    whole: results.filter(({ text, complete }) => complete && text === WHOLE).length,
    lastUsedNoted: typeof lastUsed === 'number',
  };
}

describe('A server stopped with SIGTERM while streams are open', () => {
  it(
    'refuses new calls, finishes the open ones, saves when keys were last used, and exits with 0',
    limit({ short: 60, full: 120 }),
    async ({ task }) => {
      const log = reportLog(task);
      for (let round = 0; round < amount(1, 5); round++) {
        const dataDir = temporaryFolder();
        const streams = amount(20, 200);
        const stopped = await stopUnderStreams(launchServer(onFolder(dataDir)), dataDir, 'SIGTERM', streams);
        log(
          `tried ${counted(streams, 'stream')}: ${stopped.whole} complete, new calls ${stopped.refusedNewOnes ? 'refused' : 'ACCEPTED'}, last use ${stopped.lastUsedNoted ? 'saved' : 'LOST'}, exit code ${stopped.code} after ${(stopped.tookMs / 1000).toFixed(1)} s`,
        );
        expect(stopped).toMatchObject({ code: 0, whole: streams, refusedNewOnes: true, lastUsedNoted: true });
      }
    },
  );

  it(
    'aborts the streams that outlast the grace period, never as if complete',
    limit({ short: 60, full: 60 }),
    async ({ task }) => {
      const dataDir = temporaryFolder();
      const server = launchServer(onFolder(dataDir));
      const url = await ready(server);
      const { admins } = await createHttpTeam(url, 0);
      await createTool(admins[0], 'slow', await serveStreams(), 5_000);
      const { rawKey } = await requestKey(admins[0], 'slow');
      const stream = openStream(`${url}/gateway/slow/endless`, rawKey);
      await stream.began;
      const startedAt = performance.now();
      server.child.kill('SIGTERM');
      const { complete } = await stream.over;
      const code = await server.ended;
      const tookMs = performance.now() - startedAt;
      reportLog(task)(
        `tried an endless stream: aborted, exit code ${code} after ${(tookMs / 1000).toFixed(1)} s`,
      );
      expect({ complete, code }).toEqual({ complete: false, code: 0 });
    },
  );

  it('control: a server that just exits is caught', limit({ short: 60, full: 60 }), async ({ task }) => {
    const dataDir = temporaryFolder();
    const stopped = await stopUnderStreams(launchServer(onFolder(dataDir)), dataDir, 'SIGKILL', 20);
    reportLog(task)(
      `control caught: ${stopped.whole} of 20 streams were complete, last use ${stopped.lastUsedNoted ? 'saved' : 'lost'}, ended by ${stopped.code}`,
    );
    expect(stopped).toMatchObject({ code: 'SIGKILL', whole: 0 });
  });
});

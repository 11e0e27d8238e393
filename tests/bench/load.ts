import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { requireProgram } from '../helpers/programs.mjs';
import { cpuUs } from './processes';

/** One request, repeated. */
export interface Load {
  /** Scheme, host, port and path. */
  url: string;
  /** GET without a body, POST with one. */
  body?: string;
  headers?: Record<string, string>;
  /** Bearer tokens, sent in turn. */
  keys?: readonly string[];
  connections: number;
  seconds: number;
  /** Pause of each connection between two requests. */
  pauseMs?: number;
  /** The server's process. */
  pid?: number;
}

export interface LoadResult {
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** CPU time of the server per request (all threads, user and system); NaN without a `pid`. */
  cpuUs: number;
}

/** The body of a chat completion request; the upstream's answer is fixed. */
export const CHAT = JSON.stringify({
  model: 'any',
  messages: [{ role: 'user', content: 'Say this is a test, in so many words.' }],
});

/**
 * Puts load on a server with wrk.
 *
 * @param folder for wrk's script.
 * @throws Error when any response is not 2xx or a connection breaks: fast errors would look like a good result.
 */
export async function putLoad(folder: string, load: Load): Promise<LoadResult> {
  await expectOk(load);
  const script = join(folder, 'load.lua');
  writeFileSync(script, luaScript(load));
  const { pid } = load;
  const before = pid === undefined ? Number.NaN : cpuUs(pid);
  const child = spawn(
    requireProgram('wrk'),
    ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--timeout', '10s', '-s', script, load.url],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const kill = () => child.kill();
  process.once('exit', kill);
  const output = await text(child.stdout);
  process.off('exit', kill);
  const spentUs = pid === undefined ? Number.NaN : cpuUs(pid) - before;
  const result = /^RESULT (.*)$/m.exec(output)?.[1];
  if (result === undefined) throw new Error(`wrk printed no result:\n${output}`);
  const { requests, durationUs, bad, p50Us, p95Us, p99Us } = JSON.parse(result) as Record<string, number>;
  if (bad !== 0 || !requests || !durationUs)
    throw new Error(`${bad} of ${requests} responses of ${load.url} were not 2xx`);
  const ms = (us = 0) => us / 1000;
  return {
    perSecond: requests / (durationUs / 1e6),
    p50Ms: ms(p50Us),
    p95Ms: ms(p95Us),
    p99Ms: ms(p99Us),
    cpuUs: spentUs / requests,
  };
}

/** wrk counts a redirect as a success. */
async function expectOk({ url, body, headers = {}, keys: [key] = [] }: Load): Promise<void> {
  const all = key === undefined ? headers : { ...headers, authorization: `Bearer ${key}` };
  const method = body === undefined ? 'GET' : 'POST';
  const response = await fetch(url, { method, body, headers: all, redirect: 'manual' });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${text.slice(0, 300)}`);
}

/** Builds all requests once, before the measurement starts. */
function luaScript({ url, body, headers = {}, keys = [], pauseMs }: Load): string {
  const quoted = (value: string) => `[==[${value}]==]`;
  const own = Object.entries(headers).map(([name, value]) => `[ ${quoted(name)} ] = ${quoted(value)}`);
  const { pathname, search } = new URL(url);
  const method = body === undefined ? 'GET' : 'POST';
  return `
local keys = { ${keys.map(quoted).join(', ')} }
local requests, last = {}, 0
function init()
  for index = 1, math.max(#keys, 1) do
    local headers = { ${own.join(', ')} }
    if keys[index] then headers["Authorization"] = "Bearer " .. keys[index] end
    requests[index] = wrk.format("${method}", ${quoted(pathname + search)}, headers, ${body === undefined ? 'nil' : quoted(body)})
  end
end
function request()
  last = last % #requests + 1
  return requests[last]
end
${pauseMs === undefined ? '' : `function delay() return ${pauseMs} end`}
function done(summary, latency)
  local errors = summary.errors
  local bad = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('RESULT {"requests":%d,"durationUs":%d,"bad":%d,"p50Us":%d,"p95Us":%d,"p99Us":%d}\\n',
    summary.requests, summary.duration, bad,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
`;
}

import { createServer } from 'node:net';
import type { Bench } from '../bench';
import { startNginx } from '../processes';

/** A chat completion of 230 bytes. */
const COMPLETION =
  '{"id":"chatcmpl","object":"chat.completion","created":1700000000,"model":"any","choices":[{"index":0,"message":{"role":"assistant","content":"This is a test"},"finish_reason":"stop"}],"usage":{"total_tokens":14,"prompt_tokens":9}}';

/**
 * The instant upstream: nginx, answering every request with the same completion; those for `/events` it hands on
 * to `events`, where given.
 */
export async function startUpstream({ cleanup, folder }: Bench, events?: string): Promise<string> {
  const port = await freePort();
  await startNginx(
    cleanup,
    folder,
    port,
    `server {
  listen 127.0.0.1:${port};
  location / { default_type application/json; return 200 '${COMPLETION}'; }
  ${events === undefined ? '' : `location /events { proxy_pass ${events}; proxy_http_version 1.1; proxy_buffering off; }`}
}`,
  );
  return `http://127.0.0.1:${port}`;
}

/** nginx as a plain proxy to the same upstream. */
export async function startPlainProxy({ cleanup, folder }: Bench, upstream: string): Promise<string> {
  const port = await freePort();
  await startNginx(
    cleanup,
    folder,
    port,
    `upstream up { server ${new URL(upstream).host}; keepalive 64; keepalive_requests 1000000000; }
server {
  listen 127.0.0.1:${port};
  location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; }
}`,
  );
  return `http://127.0.0.1:${port}`;
}

/** A port of loopback on which nothing listens now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

import { type ClientRequest, createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request and its answer, as they went over the gateway. */
export interface Exchange {
  method: string;
  /** Path and query. */
  url: string;
  requestBody: string;
  status: number;
  headers: IncomingMessage['headers'];
  /** What has arrived so far; an event stream goes on growing. */
  body(): string;
}

export interface Tap {
  /** What browsers are given in place of the server's own address. */
  url: string;
  /** Everything since the start, in the order in which it was asked. */
  exchanges: Exchange[];
  /** Where to pass requests on to. */
  target(url: string): void;
  close(): Promise<void>;
}

/**
 * A pass-through that keeps everything it sees, event streams included, to prove where a secret went and
 * where it did not. It changes nothing, and asks for no compression.
 */
export async function startTap(): Promise<Tap> {
  const exchanges: Exchange[] = [];
  let target = '';

  const server = createServer((incoming, outgoing) => {
    const [asked, answered]: [Buffer[], Buffer[]] = [[], []];
    const exchange: Exchange = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      get requestBody() {
        return Buffer.concat(asked).toString('utf8');
      },
      status: 0,
      headers: {},
      body: () => Buffer.concat(answered).toString('utf8'),
    };
    exchanges.push(exchange);
    const headers = { ...incoming.headers, 'accept-encoding': 'identity' };
    const upstream: ClientRequest = send(`${target}${incoming.url}`, { method: incoming.method, headers });
    incoming.on('data', (chunk) => asked.push(chunk));
    incoming.pipe(upstream);
    outgoing.once('close', () => upstream.destroy());
    upstream.once('error', () => outgoing.destroy());
    upstream.once('response', (response) => {
      exchange.status = response.statusCode ?? 0;
      exchange.headers = response.headers;
      outgoing.writeHead(exchange.status, response.rawHeaders);
      response.on('data', (chunk) => answered.push(chunk));
      response.once('error', () => outgoing.destroy());
      response.pipe(outgoing);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    target(url) {
      target = url;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import { type ClientRequest, createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request and its response. */
export interface Exchange {
  method: string;
  /** Path and query. */
  url: string;
  requestBody: string;
  status: number;
  headers: IncomingMessage['headers'];
  /** What has arrived so far; an event stream keeps growing. */
  body(): string;
}

export interface RecordingProxy {
  /** The proxy's own address, for browsers. */
  url: string;
  /** Every exchange, in order of the requests. */
  exchanges: Exchange[];
  /** Sets the server that requests go to. */
  target(url: string): void;
  close(): Promise<void>;
}

/** A proxy that records everything, event streams included, to prove where a secret appears. Prevents compression. */
export async function startRecordingProxy(): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  let target = '';

  const server = createServer((incoming, outgoing) => {
    const [sent, received]: [Buffer[], Buffer[]] = [[], []];
    const exchange: Exchange = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      get requestBody() {
        return Buffer.concat(sent).toString('utf8');
      },
      status: 0,
      headers: {},
      body: () => Buffer.concat(received).toString('utf8'),
    };
    exchanges.push(exchange);
    const headers = { ...incoming.headers, 'accept-encoding': 'identity' };
    const upstream: ClientRequest = send(`${target}${incoming.url}`, { method: incoming.method, headers });
    incoming.on('data', (chunk) => sent.push(chunk));
    incoming.pipe(upstream);
    outgoing.once('close', () => upstream.destroy());
    upstream.once('error', () => outgoing.destroy());
    upstream.once('response', (response) => {
      exchange.status = response.statusCode ?? 0;
      exchange.headers = response.headers;
      outgoing.writeHead(exchange.status, response.rawHeaders);
      response.on('data', (chunk) => received.push(chunk));
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

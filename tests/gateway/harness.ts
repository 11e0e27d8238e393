import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { CallMetrics } from '~/gateway/call-metrics';
import { createGateway } from '~/gateway/gateway.server';
import { createHttpServer } from '~/http/http-server.server';
import type { App } from '~/server/create-app.server';
import { addKey, addTool } from '../helpers/factories';

/** Listens on a free loopback port. Closes the server and its connections after the test. */
export async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>(); // includes upgraded ones, which Node's server doesn't track
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts the gateway on the real HTTP server, without pages and API behind it. */
export async function serveGateway(app: App, metrics?: CallMetrics) {
  const gateway = createGateway(app, metrics);
  const server = createHttpServer(gateway, (_, response) =>
    response.writeHead(404, { 'x-rest': 'yes' }).end(),
  );
  let count = 0;
  server.on('request', () => count++);
  const origin = await listen(server);
  onTestFinished(() => gateway.close());
  return { origin, port: Number(new URL(origin).port), gateway, server, requests: () => count };
}

/** Adds a tool `acme` that needs no credential (or as in `changes`) and a key for it, and starts the gateway. */
export async function serveTool(
  app: App,
  changes: Parameters<typeof addTool>[1] = {},
  metrics?: CallMetrics,
) {
  const tool = await addTool(app, { slug: 'acme', displayName: 'Acme', needsCredential: false, ...changes });
  const key = await addKey(app, tool.id);
  const served = await serveGateway(app, metrics);
  return {
    ...served,
    tool,
    toolId: tool.id,
    key,
    rawKey: key.rawKey,
    url: `${served.origin}/gateway/${tool.slug}/x`,
  };
}

/** Starts a fake upstream. */
export async function serveUpstream(
  listener: RequestListener,
  change?: (server: Server) => void,
): Promise<string> {
  const server = createServer(listener);
  change?.(server);
  return await listen(server);
}

/** Starts a fake upstream at TCP level, for responses that no HTTP server would send. */
export async function serveBytes(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A request as a fake upstream received it. */
export interface Recorded {
  method: string | undefined;
  url: string | undefined;
  rawHeaders: string[];
  headers: IncomingMessage['headers'];
  trailers: IncomingMessage['trailers'];
  body: Buffer;
}

/** Starts a fake upstream that records each complete request before `listener` responds to it. */
export async function serveRecorder(
  listener: (request: Recorded, response: Parameters<RequestListener>[1]) => void,
): Promise<{ origin: string; recorded: Recorded[] }> {
  const recorded: Recorded[] = [];
  const origin = await serveUpstream(async (request, response) => {
    const body = await buffer(request);
    const { method, url, rawHeaders, headers, trailers } = request;
    const entry = { method, url, rawHeaders, headers, trailers, body };
    recorded.push(entry);
    listener(entry, response);
  });
  return { origin, recorded };
}

/** Sends bytes over a new connection. Returns all data received until the server closes it, or until it contains `until`. */
export function exchange(origin: string, bytes: string | Buffer, until?: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      received += text;
      if (until !== undefined && received.includes(until)) socket.destroy();
    });
    socket.once('close', () => resolve(received));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') resolve(received);
      else reject(error);
    });
    socket.write(bytes);
  });
}

/** Returns a promise and the function that resolves it. */
export function signal<T = void>(): { promise: Promise<T>; fire: (value: T) => void } {
  let fire: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    fire = resolve;
  });
  return { promise, fire };
}

/** Waits until the received text matches. Unlike `expect.poll`, it doesn't advance fake timers. */
export function arrival(socket: Socket, received: () => string, pattern: RegExp): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!pattern.test(received())) return;
      socket.off('data', look);
      resolve();
    };
    socket.on('data', look);
    look();
  });
}

/** Splits a list of words separated by white space. */
export const words = (list: string): string[] => list.trim().split(/\s+/);

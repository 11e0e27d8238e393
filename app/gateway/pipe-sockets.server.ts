import type { Duplex } from 'node:stream';

/** Pipes two sockets into each other. When one side ends or breaks, so does the other. */
export function pipeSockets(
  upstream: Duplex,
  client: Duplex,
  fromUpstream: Buffer,
  fromClient: Buffer,
): void {
  if (fromUpstream.length > 0) client.write(fromUpstream);
  if (fromClient.length > 0) upstream.write(fromClient);
  pipe(upstream, client);
  pipe(client, upstream);
}

function pipe(from: Duplex, to: Duplex): void {
  from.pipe(to, { end: false });
  // A half-open connection is of no use to a WebSocket: flush what was sent, then close.
  from.once('end', () => to.end(() => to.destroy()));
  from.on('error', () => to.destroy());
  from.once('close', () => {
    if (!to.writableEnded) to.destroy();
  });
}

import type { Duplex } from 'node:stream';

/** Bytes both ways with backpressure; when either side ends or breaks, so does the other. */
export function pipeSockets(
  upstream: Duplex,
  client: Duplex,
  fromUpstream: Buffer,
  fromClient: Buffer,
): void {
  if (fromUpstream.length > 0) client.write(fromUpstream);
  if (fromClient.length > 0) upstream.write(fromClient);
  for (const [from, to] of [
    [upstream, client],
    [client, upstream],
  ] as const) {
    from.pipe(to, { end: false });
    // Half-open connections are of no use to a WebSocket: what one side has sent is flushed, and that is all.
    from.once('end', () => to.end(() => to.destroy()));
    from.on('error', () => to.destroy());
    from.once('close', () => {
      if (!to.writableEnded) to.destroy();
    });
  }
}

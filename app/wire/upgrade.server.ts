import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawHeaders, returnedHeaders } from './headers';
import { statusClass } from './meter';
import type { OpenCall } from './open-calls.server';
import type { ProxyParts } from './proxy.server';
import type { WireReason } from './refusals';
import { sendRefusalOn } from './refuse.server';
import { openRequest } from './streamed-call.server';
import type { Target } from './target';
import { reportFailure } from './upstream-failure.server';

/** Upgraded connections (WebSocket): the same check, the same headers, and then bytes both ways. */
export function createUpgrade({ app, admit, gate, calls, meter }: ProxyParts) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer, target: Target): void => {
    socket.on('error', () => socket.destroy()); // the client has gone; there is nobody to tell
    const admission = admit(request, target);
    if (!admission.ok || admission.destination === null) {
      sendRefusalOn(socket, admission.ok ? gate.refusal('no-such-call', target) : admission);
      return;
    }
    const { key, destination } = admission;
    const { upstream, outgoing } = destination;
    outgoing.headers.push('connection', 'Upgrade', 'upgrade', request.headers.upgrade ?? '');
    const asking = openRequest(upstream, outgoing);
    let answered = false;
    const call: OpenCall = {
      keyId: key.id,
      holderId: key.holderId,
      toolId: key.toolId,
      slot: null,
      cut: (reason) => end(reason),
    };
    const silence = setTimeout(() => end('upstream-silent'), key.headersTimeoutMs);
    const end = (reason: WireReason | null) => {
      clearTimeout(silence);
      calls.remove(call);
      asking.destroy();
      if (answered || reason === null) socket.destroy();
      else sendRefusalOn(socket, gate.refusal(reason, target));
      answered = true;
    };
    calls.add(call);
    socket.once('close', () => end(null));
    const noticeEnd = () => {
      if (socket.readableLength === 0) socket.read(); // only so that `end` is told; early bytes stay
    };
    const leave = () => end(null);
    socket.on('readable', noticeEnd).once('end', leave);
    asking.on('error', (error) => end(answered ? null : reportFailure(app.log, target.slug, error)));
    asking.once('upgrade', (answer, upstreamSocket, upstreamHead) => {
      clearTimeout(silence);
      answered = true;
      meter.count('proxy', target.slug, 'upgraded');
      socket.off('readable', noticeEnd).off('end', leave);
      socket.write(
        answerHead(answer, ['Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? '']),
        'latin1',
      );
      join(upstreamSocket, socket, upstreamHead, head);
    });
    // Refused by the upstream: its answer goes back as it is, and the connection ends with it.
    asking.once('response', (answer) => {
      clearTimeout(silence);
      answered = true;
      meter.count('proxy', target.slug, statusClass(answer.statusCode));
      socket.write(answerHead(answer, ['Connection', 'close']), 'latin1');
      answer.on('error', () => socket.destroy());
      answer.pipe(socket);
    });
    asking.end();
  };
}

function answerHead(answer: IncomingMessage, hop: RawHeaders): string {
  const headers = [...returnedHeaders(answer.rawHeaders), ...hop];
  let text = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`;
  for (let index = 0; index < headers.length; index += 2)
    text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${text}\r\n`;
}

/** Bytes both ways with backpressure; when either side ends or breaks, so does the other. */
function join(upstream: Duplex, client: Duplex, fromUpstream: Buffer, fromClient: Buffer): void {
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

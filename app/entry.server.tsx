import { Writable } from 'node:stream';
import type { ActionFunctionArgs, AppLoadContext, EntryContext, LoaderFunctionArgs } from '@remix-run/node';
import { isRouteErrorResponse, RemixServer } from '@remix-run/react';
import { renderToPipeableStream } from 'react-dom/server';
import { NonceContext } from './ui/nonce';

export const streamTimeout = 5_000;

/**
 * Renders a page and sends it in one piece. No loader defers data, so nothing is gained by streaming, and React's
 * stream would write to the socket about seventy times.
 */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  { nonce, trpc }: AppLoadContext,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    let hasFailed = false;
    const errors: unknown[] = [];
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <RemixServer context={remixContext} url={request.url} nonce={nonce} abortDelay={streamTimeout} />
      </NonceContext.Provider>,
      {
        nonce,
        onAllReady() {
          clearTimeout(timer);
          if (hasFailed) return;
          for (const err of errors) trpc.app.log.error({ err }, 'rendering failed');
          headers.set('Content-Type', 'text/html; charset=utf-8');
          pipe(collect((html) => resolve(new Response(html, { headers, status }))));
        },
        // Nothing could be rendered. Remix logs the error and renders the error page.
        onShellError(error) {
          hasFailed = true;
          clearTimeout(timer);
          reject(error);
        },
        onError: (error) => void errors.push(error),
      },
    );
    const timer = setTimeout(abort, streamTimeout + 1_000).unref();
  });
}

/** A stream that passes everything written to it to `done` in one piece. */
function collect(done: (content: Uint8Array<ArrayBuffer>) => void): Writable {
  const chunks: Buffer[] = [];
  return new Writable({
    write(chunk: Buffer, _encoding, next) {
      chunks.push(chunk);
      next();
    },
    final(next) {
      done(Buffer.concat(chunks));
      next();
    },
  });
}

export function handleError(
  error: unknown,
  { request, context }: LoaderFunctionArgs | ActionFunctionArgs,
): void {
  // Clients that disconnect and URLs that don't exist are not errors of the server.
  if (request.signal.aborted || isRouteErrorResponse(error)) return;
  context.trpc.app.log.error({ err: error, requestId: context.trpc.origin.requestId }, 'page failed');
}

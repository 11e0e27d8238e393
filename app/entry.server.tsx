import { Writable } from 'node:stream';
import type { ActionFunctionArgs, AppLoadContext, EntryContext, LoaderFunctionArgs } from '@remix-run/node';
import { isRouteErrorResponse, RemixServer } from '@remix-run/react';
import { renderToPipeableStream } from 'react-dom/server';
import { NonceContext } from './ui/nonce';

export const streamTimeout = 5_000;

/**
 * Renders a page and answers it in one piece. No loader defers anything, so the page is whole as soon as it can
 * begin; sent bit by bit as React writes it, it would go through a stream of Node's, one of the Web's and some
 * seventy writes to the socket.
 */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  { nonce, trpc }: AppLoadContext,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    let failed = false;
    const errors: unknown[] = [];
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <RemixServer context={remixContext} url={request.url} nonce={nonce} abortDelay={streamTimeout} />
      </NonceContext.Provider>,
      {
        nonce,
        onAllReady() {
          clearTimeout(timer);
          if (failed) return;
          for (const err of errors) trpc.app.log.error({ err }, 'rendering failed');
          headers.set('Content-Type', 'text/html; charset=utf-8');
          pipe(collect((page) => resolve(new Response(page, { headers, status }))));
        },
        // The page as such: Remix logs it and renders the error's page.
        onShellError(error) {
          failed = true;
          clearTimeout(timer);
          reject(error);
        },
        onError: (error) => void errors.push(error),
      },
    );
    const timer = setTimeout(abort, streamTimeout + 1_000).unref();
  });
}

/** Takes everything that is written to it and hands it on when all is there. */
function collect(done: (whole: Uint8Array<ArrayBuffer>) => void): Writable {
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
  // A reader who left, and an address that is none, are nobody's fault.
  if (request.signal.aborted || isRouteErrorResponse(error)) return;
  context.trpc.app.log.error({ err: error, requestId: context.trpc.origin.requestId }, 'page failed');
}

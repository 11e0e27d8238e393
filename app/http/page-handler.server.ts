import { randomBytes } from 'node:crypto';
import { createRequestHandler, type ServerBuild } from '@remix-run/node';
import type { Context } from '~/api/context.server';
import { pageHeaders } from './security-headers.server';

declare module '@remix-run/node' {
  interface AppLoadContext {
    trpc: Context;
    nonce: string;
    /** Set-Cookie values of the procedures that a loader or action called. */
    cookies: string[];
  }
}

type PageHandler = (request: Request, trpc: Context, cookies: string[]) => Promise<Response>;

export type RemixBuild = ServerBuild | (() => Promise<ServerBuild>);

/** Serves Remix's pages and resource routes, with a new CSP nonce for each response. */
export function createPageHandler(build: RemixBuild, development: boolean): PageHandler {
  const remix = createRequestHandler(build, development ? 'development' : 'production');
  return async (request, trpc, cookies) => {
    const nonce = randomBytes(16).toString('base64url');
    // The origin check has run. Remix's own compares with the Host header, which is not the public one behind a proxy.
    request.headers.delete('origin');
    const response = await remix(request, { trpc, nonce, cookies });
    for (const [name, value] of pageHeaders(nonce, development)) response.headers.set(name, value);
    return response;
  };
}

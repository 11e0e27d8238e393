import type { IncomingMessage } from 'node:http';
import { dialectRules } from './dialects/dialect-rules';
import type { GatewayErrorReason } from './error-catalogue';
import { removeKeyParameters } from './extract-keys';
import type { GatewayContext } from './gateway-context';
import { requestHeadersToForward } from './headers';
import type { RoutedKey } from './key-records';
import { createCredentialOpener } from './open-credential.server';
import { violatedCallPolicy } from './policies';
import { isSafePath, type RequestTarget } from './request-target';
import type { RenderedError } from './send-error.server';
import type { Upstream } from './upstream-pool.server';

/** The request to send upstream. */
export interface UpstreamRequest {
  method: string;
  /** Path and query. */
  path: string;
  /** Names and values in turn, without `Host`. */
  headers: string[];
  /** Name of the header with the provider credential, in lower case; null if the tool needs none. */
  credentialHeader: string | null;
}

/** An accepted call. `route` is null for the built-in tool. */
export interface RoutedCall {
  ok: true;
  key: RoutedKey;
  route: { upstream: Upstream; outgoing: UpstreamRequest } | null;
}

/** Authorizes a call and decides what to send where, for plain requests and upgrades alike. */
export type RouteCall = (
  request: IncomingMessage,
  target: RequestTarget,
) => RoutedCall | ({ ok: false } & RenderedError);

export function createRouteCall(context: GatewayContext): RouteCall {
  const { app, authorize, errors, keyRepository, lastUsed, calls, upstreams } = context;
  const openCredential = createCredentialOpener(app.encryption);

  /** Returns the header with the provider credential, null if there is none, or why it can't be decrypted. */
  function credentialOf(
    key: RoutedKey,
    slug: string,
  ): GatewayErrorReason | [name: string, value: string] | null {
    if (key.encryptedCredential === null) return null;
    try {
      const secret = openCredential(key.toolId, key.encryptedCredential);
      return dialectRules[key.dialect].credential(secret, key.credentialHeader);
    } catch (error) {
      app.log.error({ err: error, tool: slug }, 'provider credential could not be decrypted');
      return 'credential-undecryptable';
    }
  }

  function findRoute(
    request: IncomingMessage,
    target: RequestTarget,
    key: RoutedKey,
  ): GatewayErrorReason | RoutedCall['route'] {
    if (!isSafePath(target.path)) return 'invalid-path';
    if (key.upstreamUrl === null) return null;
    const credential = credentialOf(key, target.slug);
    if (typeof credential === 'string') return credential;
    const upstream = upstreams.get(key.upstreamUrl, key.allowsPlainHttp, request.socket.localPort ?? 0);
    if (upstream === null) return 'upstream-not-allowed';
    const credentialHeader = credential?.[0] ?? null;
    const headers = requestHeadersToForward(request.rawHeaders, credentialHeader);
    if (credential !== null) headers.push(...credential);
    const path = (upstream.basePath + target.path || '/') + removeKeyParameters(target.query);
    return { upstream, outgoing: { method: request.method ?? 'GET', path, headers, credentialHeader } };
  }

  return (request, target) => {
    const authorized = authorize(request, target, keyRepository.routed);
    if (!authorized.ok) return authorized;
    const { key } = authorized;
    const route = violatedCallPolicy(key, calls) ?? findRoute(request, target, key);
    if (typeof route === 'string') return { ok: false, ...errors.report(request, route, target) };
    lastUsed.record(key.id);
    return { ok: true, key, route };
  };
}

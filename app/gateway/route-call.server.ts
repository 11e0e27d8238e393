import type { IncomingMessage } from 'node:http';
import type { AppContext } from '~/app-context.server';
import type { ActiveCalls } from './active-calls.server';
import type { Authorizer } from './authorize.server';
import { dialectRules } from './dialects/dialect-rules';
import type { GatewayErrorCode } from './error-catalogue';
import { withoutKeyParameters } from './extract-keys';
import { forwardedHeaders } from './headers';
import type { RoutedKey } from './key-records';
import type { KeyRepository } from './key-repository.server';
import { createCredentialOpener } from './open-credential.server';
import { isPlainPath, type RequestTarget } from './request-target';
import type { RenderedError } from './send-error.server';
import type { Upstream, UpstreamPool } from './upstream-pool.server';

/** A request as it goes out. */
export interface UpstreamRequest {
  method: string;
  /** Path and query. */
  path: string;
  /** Names and values in turn, without `Host`. */
  headers: string[];
  /** The one that carries the provider credential, lower case; null where none is needed. */
  credentialHeader: string | null;
}

interface Parts {
  app: Pick<AppContext, 'log' | 'encryption'>;
  gate: Authorizer;
  lookup: KeyRepository;
  calls: ActiveCalls;
  upstreams: UpstreamPool;
}

/** An accepted call. `destination` is null for the built-in tool, which goes nowhere. */
export interface RoutedCall {
  ok: true;
  key: RoutedKey;
  destination: { upstream: Upstream; outgoing: UpstreamRequest } | null;
}

/** Decides whether a call is carried, as what and where to; for plain requests and upgrades alike. */
export type RouteCall = (
  request: IncomingMessage,
  target: RequestTarget,
) => RoutedCall | ({ ok: false } & RenderedError);

export function createRouteCall({ app, gate, lookup, calls, upstreams }: Parts): RouteCall {
  const openCredential = createCredentialOpener(app.encryption);

  /** Why nothing can be sent with this tool's credential, or the header that carries it. */
  function credentialOf(
    key: RoutedKey,
    slug: string,
  ): GatewayErrorCode | [name: string, value: string] | null {
    if (key.sealed === null) return key.needsCredential ? 'credential-missing' : null;
    try {
      const secret = openCredential(key.toolId, key.sealed);
      return dialectRules[key.dialect].credential(secret, key.credentialHeader);
    } catch (error) {
      app.log.error({ err: error, tool: slug }, 'a provider credential could not be opened');
      return 'credential-undecryptable';
    }
  }

  function destine(
    request: IncomingMessage,
    target: RequestTarget,
    key: RoutedKey,
  ): GatewayErrorCode | RoutedCall['destination'] {
    if (!isPlainPath(target.path)) return 'path-not-plain';
    if (key.upstreamUrl === null) return null;
    const credential = credentialOf(key, target.slug);
    if (typeof credential === 'string') return credential;
    const upstream = upstreams.get(key.upstreamUrl, key.allowsPlainHttp, request.socket.localPort ?? 0);
    if (upstream === null) return 'upstream-not-allowed';
    const credentialHeader = credential?.[0] ?? null;
    const headers = forwardedHeaders(request.rawHeaders, credentialHeader);
    if (credential !== null) headers.push(...credential);
    const path = (upstream.basePath + target.path || '/') + withoutKeyParameters(target.query);
    return { upstream, outgoing: { method: request.method ?? 'GET', path, headers, credentialHeader } };
  }

  return (request, target) => {
    const verdict = gate.authorize(request, target, lookup.routed);
    if (!verdict.ok) return verdict;
    const { key } = verdict;
    const destination = calls.limitReached(key.id, key.toolId, key) ?? destine(request, target, key);
    if (typeof destination === 'string')
      return { ok: false, ...gate.gatewayError(request, destination, target) };
    gate.recordUse(key.id);
    return { ok: true, key, destination };
  };
}

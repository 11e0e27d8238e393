import type { IncomingMessage } from 'node:http';
import type { App } from '~/app-context.server';
import { withoutKeyParameters } from './extract-keys';
import { createCredentials } from './open-credential.server';
import { dialectRules } from './dialects/dialect-rules';
import type { Gate } from './authorize.server';
import { forwardedHeaders } from './headers';
import type { Lookup, RoutedKey } from './key-repository.server';
import type { OpenCalls } from './active-calls.server';
import type { GatewayReason } from './error-catalogue';
import type { Rendered } from './send-error.server';
import { isPlainPath, type Target } from './request-target';
import type { Upstream, Upstreams } from './upstream-pool.server';

/** A request as it goes out. */
export interface Outgoing {
  method: string;
  /** Path and query. */
  path: string;
  /** Names and values in turn, without `Host`. */
  headers: string[];
  /** The one that carries the provider credential, lower case; null where none is needed. */
  credentialHeader: string | null;
}

interface Parts {
  app: Pick<App, 'log' | 'vault'>;
  gate: Gate;
  lookup: Lookup;
  calls: OpenCalls;
  upstreams: Upstreams;
}

/** An accepted call. `destination` is null for the built-in tool, which goes nowhere. */
export interface Admitted {
  ok: true;
  key: RoutedKey;
  destination: { upstream: Upstream; outgoing: Outgoing } | null;
}

/** Decides whether a call is carried, as what and where to; for plain requests and upgrades alike. */
export type Admit = (request: IncomingMessage, target: Target) => Admitted | ({ ok: false } & Rendered);

export function createAdmit({ app, gate, lookup, calls, upstreams }: Parts): Admit {
  const openCredential = createCredentials(app.vault);

  /** Why nothing can be sent with this tool's credential, or the header that carries it. */
  function credentialOf(key: RoutedKey, slug: string): GatewayReason | [name: string, value: string] | null {
    if (key.sealed === null) return key.needsCredential ? 'no-credential' : null;
    try {
      const secret = openCredential(key.toolId, key.sealed);
      return dialectRules[key.dialect].credential(secret, key.credentialHeader);
    } catch (error) {
      app.log.error({ err: error, tool: slug }, 'a provider credential could not be opened');
      return 'credential-sealed';
    }
  }

  function destine(
    request: IncomingMessage,
    target: Target,
    key: RoutedKey,
  ): GatewayReason | Admitted['destination'] {
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
    const verdict = gate.judge(request, target, lookup.routed);
    if (!verdict.ok) return verdict;
    const { key } = verdict;
    const destination = calls.full(key.id, key.toolId, key) ?? destine(request, target, key);
    if (typeof destination === 'string') return { ok: false, ...gate.refusal(request, destination, target) };
    gate.noteUse(key.id);
    return { ok: true, key, destination };
  };
}

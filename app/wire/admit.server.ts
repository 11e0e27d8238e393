import type { IncomingMessage } from 'node:http';
import type { App } from '~/app.server';
import { withoutKeyParameters } from './carriers';
import { createCredentials } from './credentials.server';
import { dialectRules } from './dialects/dialects';
import type { Gate } from './gate.server';
import { forwardedHeaders } from './headers';
import type { FoundKey, Lookup, Route } from './lookup.server';
import type { OpenCalls } from './open-calls.server';
import type { WireReason } from './refusals';
import type { Rendered } from './refuse.server';
import { isPlainPath, type Target } from './target';
import type { Upstream, Upstreams } from './upstreams.server';

/** A request as it goes out. */
export interface Outgoing {
  method: string;
  /** Path and query. */
  path: string;
  /** Names and values in turn, without `Host`. */
  headers: string[];
}

interface Parts {
  app: Pick<App, 'log' | 'vault'>;
  gate: Gate;
  lookup: Lookup;
  calls: OpenCalls;
  upstreams: Upstreams;
}

interface Routed {
  key: FoundKey;
  route: Route;
}

/** An accepted call. `destination` is null for the built-in tool, which goes nowhere. */
export interface Admitted extends Routed {
  ok: true;
  destination: { upstream: Upstream; outgoing: Outgoing } | null;
}

/** Decides whether a call is carried, as what and where to; for plain requests and upgrades alike. */
export type Admit = (request: IncomingMessage, target: Target) => Admitted | ({ ok: false } & Rendered);

export function createAdmit({ app, gate, lookup, calls, upstreams }: Parts): Admit {
  const openCredential = createCredentials(app.vault);
  const find = (hash: string) => lookup.routedKey(hash);
  const keyOf = ({ key }: Routed) => key;

  /** Why nothing can be sent with this tool's credential, or the header that carries it. */
  function credentialOf({ key, route }: Routed): WireReason | [name: string, value: string] | null {
    if (route.credential === null) return route.needsCredential ? 'no-credential' : null;
    try {
      const secret = openCredential(key.toolId, route.credential);
      return dialectRules[key.dialect].credential(secret, route.credentialHeader);
    } catch (error) {
      app.log.error({ err: error, tool: key.slug }, 'a provider credential could not be opened');
      return 'credential-sealed';
    }
  }

  function destine(
    request: IncomingMessage,
    target: Target,
    routed: Routed,
  ): WireReason | Admitted['destination'] {
    const { upstreamUrl, allowsPlainHttp } = routed.route;
    if (!isPlainPath(target.path)) return 'path-not-plain';
    if (upstreamUrl === null) return null;
    const credential = credentialOf(routed);
    if (typeof credential === 'string') return credential;
    const upstream = upstreams.get(upstreamUrl, allowsPlainHttp, request.socket.localPort ?? 0);
    if (upstream === null) return 'upstream-not-allowed';
    const headers = forwardedHeaders(request.rawHeaders, credential?.[0] ?? null);
    if (credential !== null) headers.push(...credential);
    const path = (upstream.basePath + target.path || '/') + withoutKeyParameters(target.query);
    return { upstream, outgoing: { method: request.method ?? 'GET', path, headers } };
  }

  return (request, target) => {
    const verdict = gate.judge(request, target, find, keyOf);
    if (!verdict.ok) return verdict;
    const { key, route } = verdict.found;
    const full = calls.full(key.id, key.toolId, route);
    const destination = full ?? destine(request, target, verdict.found);
    if (typeof destination === 'string') return { ok: false, ...gate.refusal(destination, target) };
    return { ok: true, key, route, destination };
  };
}

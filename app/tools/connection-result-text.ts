import type { ConnectionTest } from './tools.schema';

export interface UpstreamResponse {
  status: number;
  /** How many models were listed; null when the body isn't a list; undefined when no list is expected. */
  models: number | null | undefined;
  hasCredential: boolean;
}

export type ConnectionResult = Omit<ConnectionTest, 'ms'>;

/** What the upstream's response means, and what to do. */
export function describeUpstreamResponse({
  status,
  models,
  hasCredential,
}: UpstreamResponse): ConnectionResult {
  if (status < 200 || status >= 300) return { ok: false, status, message: errorStatusMessage(status) };
  if (models === undefined) return { ok: true, status, message: 'Connected: the upstream responded.' };
  if (models === null) {
    const message = 'The upstream responded, but not with a list of models. Check the upstream URL.';
    return { ok: false, status, message };
  }
  const available = `${models} ${models === 1 ? 'model' : 'models'} available.`;
  return {
    ok: true,
    status,
    message: hasCredential ? `Connected: the credential works, ${available}` : `Connected: ${available}`,
  };
}

function errorStatusMessage(status: number): string {
  if (status === 401 || status === 403)
    return 'The upstream rejected the credential. Check that it is complete and still valid.';
  if (status === 404 || status === 405)
    return 'The upstream responded, but has nothing at this path. Check the path in the upstream URL.';
  if (status === 429) return 'The upstream is limiting calls. Try again later.';
  if (status >= 500) return 'The upstream responded with a server error. Try again later.';
  if (status >= 300 && status < 400)
    return 'The upstream redirects to another address. Calls don’t follow redirects: use that address as the upstream URL.';
  return 'The upstream rejected the request. Check the API format and the upstream URL.';
}

/** What a call without a response means, by the error's code. Contains no address, which could reveal the network. */
export function describeConnectionFailure(code: string): ConnectionResult {
  return { ok: false, status: null, message: failureMessage(code) };
}

function failureMessage(code: string): string {
  if (code === 'TIMEOUT' || code.endsWith('_TIMEOUT') || code === 'ETIMEDOUT')
    return 'The upstream didn’t respond within 10 seconds. Check the upstream URL and this server’s outgoing network.';
  if (code === 'UPSTREAM_NOT_ALLOWED')
    return 'The upstream URL leads to an address that calls aren’t allowed to reach.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'The upstream’s host name can’t be resolved. Check the upstream URL and this server’s DNS.';
  if (code === 'ECONNREFUSED')
    return 'The upstream refused the connection. Check that it is running and that the port is right.';
  if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO)/.test(code))
    return 'No secure connection: the upstream’s certificate isn’t trusted, or it doesn’t support HTTPS.';
  if (code === 'NOT_HTTP') return 'The upstream’s response isn’t HTTP. Check the upstream URL.';
  return 'The connection to the upstream broke. Check the upstream URL and this server’s outgoing network.';
}

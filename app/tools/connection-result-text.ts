import type { ConnectionTest } from './tools.schema';

/** What the upstream answered to the request for its models. */
export interface UpstreamResponse {
  status: number;
  /** How many it listed; null for an answer that is no list; undefined where none is expected. */
  models: number | null | undefined;
}

type Words = Omit<ConnectionTest, 'ms'>;

/** What an answer of the upstream means, and what to do. */
export function describeUpstreamResponse({ status, models }: UpstreamResponse): Words {
  const failed = (message: string): Words => ({ ok: false, status, message });
  if (status >= 200 && status < 300) {
    if (models === undefined) return { ok: true, status, message: 'The upstream answered.' };
    if (models === null) {
      return failed('The upstream answered, but not with a list of models. Check the upstream URL.');
    }
    const listed = models === 1 ? '1 model' : `${models} models`;
    return { ok: true, status, message: `The upstream took the credential and listed ${listed}.` };
  }
  if (status >= 300 && status < 400)
    return failed(
      'The upstream redirects elsewhere, which calls do not follow. Use the URL that it leads to.',
    );
  if (status === 401 || status === 403)
    return failed(
      'The upstream was reached and refused the credential. Check that it is right and still valid.',
    );
  if (status === 404 || status === 405)
    return failed(
      'The upstream was reached, but has nothing at this path. Check the path in the upstream URL.',
    );
  if (status === 429)
    return failed('The upstream was reached and limits calls just now. Try again in a while.');
  if (status >= 500)
    return failed('The upstream was reached and has trouble of its own. Try again in a while.');
  return failed(
    'The upstream was reached and did not accept the request. Check the dialect and the upstream URL.',
  );
}

/** What a failure to get any answer means, by the error's code. Names no address. */
export function describeConnectionFailure(code: string): Words {
  return { ok: false, status: null, message: failureWords(code) };
}

function failureWords(code: string): string {
  if (code === 'TIMEOUT' || code.endsWith('_TIMEOUT') || code === 'ETIMEDOUT')
    return 'The upstream did not answer within 10 seconds. Check the upstream URL and this server’s way out.';
  if (code === 'UPSTREAM_NOT_ALLOWED')
    return 'The upstream URL leads to an address that calls may not go to.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'The upstream’s name cannot be resolved. Check the upstream URL and this server’s name service.';
  if (code === 'ECONNREFUSED')
    return 'The upstream refused the connection. Check that it runs and that the port is right.';
  if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO)/.test(code))
    return 'No secure connection could be made: the upstream’s certificate is not trusted, or it does not speak https.';
  if (code === 'NOT_HTTP') return 'What answered does not speak HTTP. Check the upstream URL.';
  return 'The connection to the upstream broke off. Check the upstream URL and this server’s way out.';
}

// The bare server that ours is compared with: the same SHA-256 and the same prepared read, then 200 or, under /gateway,
// a pass-through with undici. Nothing else: one credential location, no checksum, limits, header rules or last use.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Pool } from 'undici';
import { DRIVER } from '../../../app/bin/vite-shared-config.mjs';

const { DATABASE = '', VERIFY_QUERY = '', ROUTE_QUERY = '', UPSTREAM = '' } = process.env;

const Database = createRequire(import.meta.url)(DRIVER);
const database = new Database(DATABASE);
database.pragma('query_only = ON');
const verified = database.prepare(VERIFY_QUERY).raw();
const routed = database.prepare(ROUTE_QUERY).raw();
const upstream = new Pool(UPSTREAM, { connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding'];

const server = createServer((request, response) => {
  const { url = '', headers } = request;
  const [, endpoint, slug, ...rest] = url.split('/');
  const hash = createHash('sha256')
    .update(headers.authorization?.slice(7) ?? '')
    .digest('hex');
  const known = (endpoint === 'gateway' ? routed : verified).get(slug, hash) !== undefined;
  if (endpoint !== 'gateway' || !known) {
    response.writeHead(known ? 200 : 401, { 'content-length': '0' }).end();
    return;
  }
  const path = `/${rest.join('/')}`;
  const { authorization: _, host: __, connection: ___, ...forwarded } = headers;
  const method = /** @type {import('undici').Dispatcher.HttpMethod} */ (request.method ?? 'GET');
  const body = method === 'GET' ? null : request;
  upstream.dispatch({ method, path, headers: forwarded, body }, passTo(response));
});

/**
 * undici's dispatch handler, its fastest API.
 *
 * @param {import('node:http').ServerResponse} response
 * @returns {import('undici').Dispatcher.DispatchHandler}
 */
function passTo(response) {
  return {
    onRequestStart: (controller) => {
      response.once('close', () => {
        if (!response.writableFinished) controller.abort(new Error('gone'));
      });
      response.on('drain', () => controller.resume());
    },
    onResponseStart(_, status, headers) {
      for (const name of HOP_BY_HOP) delete headers[name];
      response.writeHead(status, headers);
    },
    onResponseData(controller, chunk) {
      if (!response.write(chunk)) controller.pause();
    },
    onResponseEnd: () => void response.end(),
    onResponseError: () => void response.destroy(),
  };
}

server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify(server.address()));
});

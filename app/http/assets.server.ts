import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
/** Forms that the build lays beside a file, the smallest first. */
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

type Assets = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

interface Asset {
  type: string;
  tag: string;
  /** By content coding; the empty name is the file as it is. */
  forms: Map<string, Uint8Array>;
}

/**
 * Serves the browser build out of memory, of which it takes about a megabyte. A path is looked up as it
 * stands, so that none leads to a file of the disk. Calls `next` for what it has not got.
 *
 * @param files contents by path, their compressed forms (`.br`, `.gz`) among them.
 */
export function createAssets(files: ReadonlyMap<string, Uint8Array>): Assets {
  const assets = new Map<string, Asset>();
  for (const [path, content] of files) {
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    const forms = new Map([['', content]]);
    for (const { name, suffix } of ENCODINGS) {
      const compressed = files.get(path + suffix);
      if (compressed !== undefined) forms.set(name, compressed);
    }
    const tag = createHash('sha256').update(content).digest('base64url').slice(0, 22);
    assets.set(path, { type, tag, forms });
  }

  return (request, response, next) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const asset = assets.get(path);
    if (asset === undefined) next();
    else send(request, response, asset, path.startsWith('/assets/'));
  };
}

/** @param forEver whether the name changes with the content. */
function send(request: IncomingMessage, response: ServerResponse, asset: Asset, forEver: boolean): void {
  const { type, tag, forms } = asset;
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const coding = ENCODINGS.find(({ name }) => forms.has(name) && accepts(accepted, name))?.name ?? '';
  const content = forms.get(coding) ?? new Uint8Array();
  const etag = `"${tag}${coding}"`;
  response.setHeader('ETag', etag);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (forms.size > 1) response.setHeader('Vary', 'Accept-Encoding');
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  if (coding !== '') response.setHeader('Content-Encoding', coding);
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': content.byteLength });
  response.end(request.method === 'HEAD' ? undefined : content);
}

/** Whether the header names this coding, and not with a weight of nought. */
function accepts(header: string, coding: string): boolean {
  return header.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

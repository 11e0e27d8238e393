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
/** Compressed variants that the build writes next to a file, smallest first. */
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

type Assets = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

interface Asset {
  type: string;
  hash: string;
  /** Contents by content coding. The empty string is the uncompressed file. */
  variants: Map<string, Uint8Array>;
}

/**
 * Serves the browser build from memory (about 1 MB). Paths are looked up in a map, so path traversal can't reach the
 * disk. Calls `next` for other paths.
 *
 * @param files contents by path, including compressed variants (`.br`, `.gz`).
 */
export function createAssets(files: ReadonlyMap<string, Uint8Array>): Assets {
  const assets = new Map<string, Asset>();
  for (const [path, content] of files) {
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    const variants = new Map([['', content]]);
    for (const { name, suffix } of ENCODINGS) {
      const compressed = files.get(path + suffix);
      if (compressed !== undefined) variants.set(name, compressed);
    }
    const hash = createHash('sha256').update(content).digest('base64url').slice(0, 22);
    assets.set(path, { type, hash, variants });
  }

  return (request, response, next) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const asset = assets.get(path);
    if (asset === undefined) next();
    else send(request, response, asset, path.startsWith('/assets/'));
  };
}

/** @param immutable whether the file's name contains a hash of its content. */
function send(request: IncomingMessage, response: ServerResponse, asset: Asset, immutable: boolean): void {
  const { type, hash, variants } = asset;
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const coding = ENCODINGS.find(({ name }) => variants.has(name) && accepts(accepted, name))?.name ?? '';
  const content = variants.get(coding) ?? new Uint8Array();
  const etag = `"${hash}${coding}"`;
  response.setHeader('ETag', etag);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (variants.size > 1) response.setHeader('Vary', 'Accept-Encoding');
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  if (coding !== '') response.setHeader('Content-Encoding', coding);
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': content.byteLength });
  response.end(request.method === 'HEAD' ? undefined : content);
}

/** Whether an `Accept-Encoding` header allows this coding: listed, and not with `q=0`. */
function accepts(header: string, coding: string): boolean {
  return header.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

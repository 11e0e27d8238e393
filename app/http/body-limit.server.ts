/** Forms and API calls are small. Large bodies go through the gateway, which has no limit. */
const BODY_LIMIT_BYTES = 256 * 1024;
/** How much of a too large body to read before responding. */
const DRAIN_LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * Returns the request if its body is within the limit, else null. A body without a `Content-Length` is read and
 * buffered to measure it.
 */
export async function limitBody(request: Request): Promise<Request | null> {
  if (request.body === null) return request;
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) <= BODY_LIMIT_BYTES) return request;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    // Read a bit more than the limit: a client that is still sending would see a reset instead of the response.
    if (size > DRAIN_LIMIT_BYTES) return null;
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  if (size > BODY_LIMIT_BYTES) return null;
  return new Request(request, { body: Buffer.concat(chunks) });
}

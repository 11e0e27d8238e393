/** A refusal by the gateway itself, in no dialect yet. */
export interface ErrorResponse {
  status: 400 | 401 | 403 | 404 | 413 | 429 | 500 | 502 | 503 | 504;
  /** For machines, such as `key-revoked`. */
  reason: string;
  /** For people. Never holds what was presented. */
  message: string;
  requestId: string;
}

/** How a family of providers speaks. A new one is a file like its neighbours and a row in `dialects.ts`. */
export interface DialectRules {
  /** The header in which this family's clients look for an answer's id. */
  requestIdHeader: 'request-id' | 'x-request-id';
  /**
   * The header that carries the provider credential upstream, as name (lower case) and value.
   *
   * @param headerName the one an admin named, for dialects that have none of their own.
   */
  credential(secret: string, headerName: string | null): [name: string, value: string];
  /** The error body that this family's SDKs turn into their own error classes. */
  errorBody(refusal: ErrorResponse): object;
}

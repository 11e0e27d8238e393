/** An error of the gateway, before it is rendered in a dialect. */
export interface ErrorResponse {
  status: 400 | 401 | 403 | 404 | 413 | 429 | 500 | 502 | 503 | 504;
  /** For machines, such as `key-revoked`. */
  reason: string;
  /** For people. Never contains what the caller presented. */
  message: string;
  requestId: string;
}

/** How a family of providers behaves. To add one, add a file here and an entry in `dialect-rules.ts`. */
export interface DialectRules {
  /** The response header in which this family's clients expect the request id. */
  requestIdHeader: 'request-id' | 'x-request-id';
  /**
   * The header with the provider credential, as name (in lower case) and value.
   *
   * @param headerName the one an admin chose, for dialects without a fixed one.
   */
  credential(secret: string, headerName: string | null): [name: string, value: string];
  /** The error body from which this family's SDKs create their own error classes. */
  errorBody(error: ErrorResponse): object;
}

import type { DialectRules } from './dialect';

/** Other providers: an admin chooses the header, and the credential is its whole value. */
export const generic: DialectRules = {
  requestIdHeader: 'x-request-id',
  credential: (secret, headerName) => [headerName?.toLowerCase() ?? 'authorization', secret],
  errorBody: ({ reason, message }) => ({ error: { message, code: reason } }),
};

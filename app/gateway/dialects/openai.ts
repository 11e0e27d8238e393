import type { DialectRules, ErrorResponse } from './dialect';

const CODES: Partial<Record<ErrorResponse['status'], string>> = {
  401: 'invalid_api_key',
  403: 'permission_denied',
  429: 'rate_limit_exceeded',
};

function errorType(status: ErrorResponse['status']): string {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

/** OpenAI and compatible providers. */
export const openai: DialectRules = {
  requestIdHeader: 'x-request-id',
  credential: (secret) => ['authorization', `Bearer ${secret}`],
  errorBody: ({ status, message }) => ({
    error: { message, type: errorType(status), param: null, code: CODES[status] ?? null },
  }),
};

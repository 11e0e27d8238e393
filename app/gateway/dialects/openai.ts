import type { DialectRules, ErrorResponse } from './dialect';

type Status = ErrorResponse['status'];

const TYPES: Record<Status, string> = {
  400: 'invalid_request_error',
  401: 'invalid_request_error',
  403: 'invalid_request_error',
  404: 'invalid_request_error',
  413: 'invalid_request_error',
  429: 'rate_limit_error',
  500: 'server_error',
  502: 'server_error',
  503: 'server_error',
  504: 'server_error',
};
const CODES: Partial<Record<Status, string>> = {
  401: 'invalid_api_key',
  403: 'permission_denied',
  429: 'rate_limit_exceeded',
};

/** OpenAI and compatible providers. */
export const openai: DialectRules = {
  requestIdHeader: 'x-request-id',
  credential: (secret) => ['authorization', `Bearer ${secret}`],
  errorBody: ({ status, message }) => ({
    error: { message, type: TYPES[status], param: null, code: CODES[status] ?? null },
  }),
};

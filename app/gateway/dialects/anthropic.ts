import type { DialectRules, ErrorResponse } from './dialect';

const TYPES: Partial<Record<ErrorResponse['status'], string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
};

export const anthropic: DialectRules = {
  requestIdHeader: 'request-id',
  credential: (secret) => ['x-api-key', secret],
  errorBody: ({ status, message, requestId }) => ({
    type: 'error',
    error: { type: TYPES[status] ?? 'api_error', message },
    request_id: requestId,
  }),
};

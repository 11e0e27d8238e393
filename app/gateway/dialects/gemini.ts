import type { DialectRules, ErrorResponse } from './dialect';

const STATUSES: Partial<Record<ErrorResponse['status'], string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
};

export const gemini: DialectRules = {
  requestIdHeader: 'x-request-id',
  credential: (secret) => ['x-goog-api-key', secret],
  errorBody: ({ status, message }) => ({
    error: { code: status, message, status: STATUSES[status] ?? 'UNAVAILABLE' },
  }),
};

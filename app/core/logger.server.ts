import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.server';

export type { Logger };

const REDACTED_HEADERS = [
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
  'set-cookie',
];
const REDACTED_FIELDS = ['rawKey', 'password', 'currentPassword', 'newPassword', 'token', 'credential'];

/**
 * Logs JSON lines to standard output. Never log a secret; redaction is only the second line of defence, in case someone
 * logs a whole request. Never log query strings either: `?key=` carries keys.
 */
export function createLogger(config: Pick<Config, 'logLevel'>, destination?: DestinationStream): Logger {
  const paths = [
    ...REDACTED_FIELDS.flatMap((field) => [field, `*.${field}`]),
    ...REDACTED_HEADERS.flatMap((header) => [`headers["${header}"]`, `*.headers["${header}"]`]),
  ];
  const options = { level: config.logLevel, base: undefined, redact: { paths, censor: '[redacted]' } };
  return destination === undefined ? pino(options) : pino(options, destination);
}

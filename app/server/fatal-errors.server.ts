import type { Logger } from '~/core/logger.server';

/**
 * Exits with code 1 after an uncaught exception or unhandled rejection, since the state of the process is unknown.
 * Logs it as one JSON line first: Node itself would only print a stack trace on standard error.
 */
export function exitOnUncaughtException(log: Logger): void {
  process.on('uncaughtException', (error, origin) => {
    try {
      log.fatal({ err: error, origin }, 'uncaught exception, exiting');
    } finally {
      process.exit(1);
    }
  });
}

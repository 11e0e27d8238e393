import type { Logger } from '~/core/logger.server';

/**
 * An error that nothing caught, or a rejection that nothing awaited, ends the process with 1: what it left half done
 * is not known, and whatever restarts the server begins with a sound one. One line of the log says why, in the form
 * of all others; by itself Node would write a stack on standard error, and nothing that reads the log would see it.
 */
export function exitOnUncaughtException(log: Logger): void {
  process.on('uncaughtException', (error, origin) => {
    try {
      log.fatal({ err: error, origin }, 'the server ends on an error that nothing caught');
    } finally {
      process.exit(1);
    }
  });
}

import { runCommandLine } from '~/cli/run-cli.server';
import { CommandError } from '~/core/command-error';
import { ConfigError } from '~/core/config.server';
import { DataDirInUseError } from '~/data-dir/data-dir-lock.server';
import { MigrationError } from '~db/sqlite/migrate.server';

const TOLD = [CommandError, ConfigError, DataDirInUseError, MigrationError];

/** Runs the words on a data folder, in this process; `secret` is what is typed when asked. */
export async function runCli(
  words: string[],
  dataDir: string,
  { settings = {}, secret }: { settings?: Record<string, string>; secret?: string } = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(
    words,
    {
      serve: () => Promise.reject(new Error('nothing was to be served')),
      describeError: (error) =>
        error instanceof Error && TOLD.some((kind) => error instanceof kind) ? error.message : null,
    },
    {
      print: (line) => out.push(line),
      printError: (line) => err.push(line),
      env: { DATA_DIR: dataDir, ...settings },
      readSecret: () =>
        secret === undefined ? Promise.reject(new Error('nothing was to be asked')) : Promise.resolve(secret),
    },
  );
  return { code, out: out.join('\n'), err: err.join('\n') };
}

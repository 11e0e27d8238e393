import { runCommandLine } from '~/cli/run-cli.server';
import { CommandError } from '~/core/command-error';
import { ConfigError } from '~/core/config.server';
import { DataDirInUseError } from '~/data-dir/data-dir-lock.server';
import { MasterKeyError } from '~/master-key/master-key-files.server';
import { MigrationError } from '~db/sqlite/migrate.server';

const USER_ERRORS = [CommandError, ConfigError, DataDirInUseError, MasterKeyError, MigrationError];

/** Runs a command in this process on a data directory. `secret` is the answer to `readSecret`. */
export async function runCli(
  args: string[],
  dataDir: string,
  {
    settings = {},
    secret,
    serve = () => Promise.reject(new Error('did not expect the server to start')),
  }: { settings?: Record<string, string>; secret?: string; serve?: () => Promise<void> } = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(
    args,
    {
      serve,
      describeError: (error) =>
        error instanceof Error && USER_ERRORS.some((kind) => error instanceof kind) ? error.message : null,
    },
    {
      print: (line) => out.push(line),
      printError: (line) => err.push(line),
      env: { DATA_DIR: dataDir, ...settings },
      readSecret: () =>
        secret === undefined ? Promise.reject(new Error('did not expect a prompt')) : Promise.resolve(secret),
    },
  );
  return { code, out: out.join('\n'), err: err.join('\n') };
}

import { runCommandLine } from '~/cli/run-cli.server';
import { CommandError } from '~/cli/command.server';
import { ConfigError } from '~/core/config.server';
import { DataFolderInUse } from '~/data-dir/data-dir-lock.server';
import { MigrationError } from '~db/sqlite/migrate.server';

const TOLD = [CommandError, ConfigError, DataFolderInUse, MigrationError];

/** Runs the words on a data folder, in this process; `secret` is what is typed when asked. */
export async function runWords(
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
      explain: (error) =>
        error instanceof Error && TOLD.some((kind) => error instanceof kind) ? error.message : null,
    },
    {
      say: (line) => out.push(line),
      complain: (line) => err.push(line),
      env: { DATA_DIR: dataDir, ...settings },
      secret: () =>
        secret === undefined ? Promise.reject(new Error('nothing was to be asked')) : Promise.resolve(secret),
    },
  );
  return { code, out: out.join('\n'), err: err.join('\n') };
}

import { type ArgsDef, type CommandDef, defineCommand, type ParsedArgs } from 'citty';
import { CommandError } from '~/core/command-error';

/** Where a command writes to and reads its settings from. */
export interface Terminal {
  /** A line on standard output: what was asked for. */
  print(line: string): void;
  /** A line on standard error: what went wrong. */
  printError(line: string): void;
  env: Record<string, string | undefined>;
  /** Asks for what must not be seen: on a terminal unechoed and twice, else the first line piped in. */
  readSecret(question: string): Promise<string>;
}

/** The exit codes that scripts may rely on. */
export const EXIT = {
  ok: 0,
  /** The server could not start, or the audit trail is not what was recorded. */
  bad: 1,
  /** The command was not understood, or what it needs was not there. */
  usage: 2,
} as const;

/** The code to end with; null to go on running, as the server does. */
export type ExitCode = number | null;

/**
 * A command of the command line. Other than citty's own, it refuses options and words that it does not
 * know: a mistyped `--head` must not pass for a check against it.
 */
export function command<const Args extends ArgsDef>(
  name: string,
  description: string,
  args: Args,
  run: (args: ParsedArgs<Args>) => Promise<ExitCode> | ExitCode,
): CommandDef {
  const definition = defineCommand<Args>({
    meta: { name, description },
    args,
    run({ args: given }) {
      const unknown = Object.keys(given).find((option) => option !== '_' && !(option in args));
      if (unknown !== undefined) throw new CommandError(`“${name}” has no option --${unknown}.`);
      const positionals = Object.values(args).filter(({ type }) => type === 'positional');
      const word = given._[positionals.length];
      if (word !== undefined) throw new CommandError(`“${name}” takes no “${word}”.`);
      return run(given);
    },
  });
  return definition as CommandDef;
}

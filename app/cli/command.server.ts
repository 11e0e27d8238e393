import { type ArgsDef, type CommandDef, defineCommand, type ParsedArgs } from 'citty';
import { CommandError } from '~/core/command-error';

/** The input and output of a command. */
export interface Terminal {
  /** Prints a line of the result to standard output. */
  print(line: string): void;
  /** Prints a line about a problem to standard error. */
  printError(line: string): void;
  env: Record<string, string | undefined>;
  /** Asks twice without echo on a terminal; otherwise reads the first line of standard input. */
  readSecret(prompt: string): Promise<string>;
}

/** Exit codes that scripts can rely on. */
export const EXIT = {
  ok: 0,
  /** The server could not start, the audit trail is broken, or doctor found a problem. */
  failed: 1,
  /** The command was not understood, or something it needs is missing. */
  usage: 2,
} as const;

/** Null means that the process keeps running, as the server does. */
export type ExitCode = number | null;

/**
 * Defines a command. Unlike citty's own, it rejects unknown options and arguments: `audit verify --haed …` must not
 * pass without checking the head.
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
    run({ args: parsed }) {
      const unknownOption = Object.keys(parsed).find((option) => option !== '_' && !(option in args));
      if (unknownOption !== undefined) throw new CommandError(`“${name}” has no option --${unknownOption}.`);
      const positionals = Object.values(args).filter(({ type }) => type === 'positional');
      const extra = parsed._[positionals.length];
      if (extra !== undefined) throw new CommandError(`“${name}” has no argument “${extra}”.`);
      return run(parsed);
    },
  });
  return definition as CommandDef;
}

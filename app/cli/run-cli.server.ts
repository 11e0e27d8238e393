import { inspect, stripVTControlCharacters } from 'node:util';
import { type CommandDef, defineCommand, runCommand } from 'citty';
import { CommandError } from '~/core/command-error';
import { version } from '../../package.json';
import { createAdminCommand, resetPasswordCommand } from './admin.commands.server';
import { printHead, verifyAudit } from './audit.commands.server';
import { backup, restore } from './backup.commands.server';
import { command, EXIT, type ExitCode, type Terminal } from './command.server';
import { doctor } from './doctor.commands.server';
import { helpText } from './help.server';
import { forget, rotate } from './master-key.commands.server';

export interface Program {
  /** Starts the server. Resolves when it accepts connections. */
  serve(): Promise<void>;
  /** Returns a message for an error that the user can fix; null for others. */
  describeError(error: unknown): string | null;
}

const generate = { type: 'boolean', description: 'generate a password and print it' } as const;

function defineCommands({ serve }: Program, terminal: Terminal): CommandDef {
  const commands: CommandDef = defineCommand({
    meta: { name: 'my-ai-keys', description: 'My AI Keys: self-hosted AI keys for a small team' },
    subCommands: {
      serve: command('serve', 'start the server (the default)', {}, async () => {
        await serve();
        return null;
      }),
      admin: defineCommand({
        meta: { name: 'admin', description: 'manage accounts, also while the server runs' },
        subCommands: {
          create: command(
            'admin create',
            'create an admin; asks for the password, or reads it from a pipe',
            {
              email: { type: 'positional', required: true, description: 'for signing in' },
              name: { type: 'string', valueHint: 'name', description: 'display name' },
              generate,
            },
            (args) => createAdminCommand(terminal, args),
          ),
          'reset-password': command(
            'admin reset-password',
            'set a new password and end the sessions; asks for it, or reads it from a pipe',
            {
              email: { type: 'positional', required: true, description: 'of the user' },
              generate,
            },
            (args) => resetPasswordCommand(terminal, args),
          ),
        },
      }),
      audit: defineCommand({
        meta: { name: 'audit', description: 'verify the audit trail, also while the server runs' },
        subCommands: {
          verify: command(
            'audit verify',
            'verify the whole audit trail and name the first entry that was changed',
            {
              head: {
                type: 'string',
                valueHint: 'number:hash',
                description: 'saved head, to detect deleted entries at the end and a rewritten trail',
              },
              file: {
                type: 'string',
                valueHint: 'export.ndjson',
                description: 'verify an exported file instead of the database',
              },
            },
            ({ head, file }) => verifyAudit(terminal, { head, file }),
          ),
          head: command('audit head', 'print the head (number:hash of the last entry) to save it', {}, () =>
            printHead(terminal),
          ),
        },
      }),
      backup: command(
        'backup',
        'back up the database into one file, also while the server runs',
        { file: { type: 'positional', required: true, description: 'file to create' } },
        ({ file }) => backup(terminal, file),
      ),
      restore: command(
        'restore',
        'replace the database with a backup; stop the server first',
        {
          file: { type: 'positional', required: true, description: 'backup file' },
          head: {
            type: 'string',
            valueHint: 'number:hash',
            description: 'saved head that the backup must contain',
          },
          forget: {
            type: 'boolean',
            description: "delete the provider credentials that the master key can't decrypt",
          },
        },
        (args) => restore(terminal, args),
      ),
      'master-key': defineCommand({
        meta: { name: 'master-key', description: 'manage the key that encrypts provider credentials' },
        subCommands: {
          rotate: command(
            'master-key rotate',
            'create a new master key and re-encrypt all credentials, also while the server runs',
            {},
            () => rotate(terminal),
          ),
          forget: command(
            'master-key forget',
            'delete the credentials of a lost master key',
            { yes: { type: 'boolean', description: 'delete them instead of listing them' } },
            ({ yes }) => forget(terminal, { yes }),
          ),
        },
      }),
      doctor: command('doctor', 'check everything that the server needs', {}, () => doctor(terminal)),
      version: command('version', 'print the version', {}, () => {
        terminal.print(version);
        return EXIT.ok;
      }),
      help: command('help', 'print this help', {}, async () => {
        terminal.print(await helpText(commands, commands));
        return EXIT.ok;
      }),
    },
  });
  return commands;
}

/**
 * Runs the command that the arguments name.
 *
 * @returns the exit code, see `EXIT`; null while the server runs.
 */
export async function runCommandLine(
  args: string[],
  program: Program,
  terminal: Terminal,
): Promise<ExitCode> {
  const [first = 'serve', ...others] = args;
  const names = [others.length === 0 ? expandFlag(first) : first, ...others];
  try {
    const root = defineCommands(program, terminal);
    const { chosen, rest, path } = findCommand(root, names);
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.print(await helpText(chosen, root));
      return EXIT.ok;
    }
    if (chosen.subCommands !== undefined) {
      const [unknown] = rest;
      terminal.printError(await helpText(chosen, root));
      throw new CommandError(
        unknown === undefined ? `“${path}” needs a subcommand.` : `There is no command “${unknown}”.`,
      );
    }
    const { result } = await runCommand(chosen, { rawArgs: rest });
    return result as ExitCode;
  } catch (error) {
    return reportError(error, names[0] === 'serve', program, terminal);
  }
}

/** `--help` and `--version` on their own mean the commands of that name. */
function expandFlag(argument: string): string {
  if (argument === '--help' || argument === '-h') return 'help';
  return argument === '--version' || argument === '-v' ? 'version' : argument;
}

function reportError(
  error: unknown,
  isServing: boolean,
  { describeError }: Program,
  { printError }: Terminal,
): number {
  // Citty doesn't export the class of its errors about invalid arguments.
  const isUsageError = error instanceof CommandError || (error instanceof Error && error.name === 'CLIError');
  const message = isUsageError ? stripVTControlCharacters((error as Error).message) : describeError(error);
  printError(message ?? inspect(error));
  return isServing && !isUsageError ? EXIT.failed : EXIT.usage;
}

/** Follows the names from command to subcommand. */
function findCommand(
  root: CommandDef,
  names: string[],
): { chosen: CommandDef; rest: string[]; path: string } {
  let chosen = root;
  let depth = 0;
  for (const name of names) {
    const subCommands = chosen.subCommands as Record<string, CommandDef> | undefined;
    const next = subCommands && Object.hasOwn(subCommands, name) ? subCommands[name] : undefined;
    if (next === undefined) break;
    chosen = next;
    depth++;
  }
  return { chosen, rest: names.slice(depth), path: names.slice(0, depth).join(' ') };
}

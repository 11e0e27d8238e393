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
  /** Starts the server; resolves when it serves. */
  serve(): Promise<void>;
  /** A sentence for the person at the terminal, where the cause of an error is theirs to mend. */
  describeError(error: unknown): string | null;
}

const generate = { type: 'boolean', description: 'make a password up, and show it once' } as const;

/** Every command. */
function commandsOf({ serve }: Program, terminal: Terminal): CommandDef {
  const commands: CommandDef = defineCommand({
    meta: { name: 'my-ai-keys', description: 'My AI Keys: self-hosted AI keys for a small team' },
    subCommands: {
      serve: command('serve', 'start the server; what happens without any command', {}, async () => {
        await serve();
        return null;
      }),
      admin: defineCommand({
        meta: {
          name: 'admin',
          description: 'ways in for whoever has this machine, also while the server runs',
        },
        subCommands: {
          create: command(
            'admin create',
            'make an admin; the password is asked for, or piped in',
            {
              email: { type: 'positional', required: true, description: 'what they sign in with' },
              name: { type: 'string', valueHint: 'name', description: 'what pages call them' },
              generate,
            },
            (given) => createAdminCommand(terminal, given),
          ),
          'reset-password': command(
            'admin reset-password',
            'give a user a new password, and end their sessions; it is asked for, or piped in',
            {
              email: { type: 'positional', required: true, description: 'whose password was lost' },
              generate,
            },
            (given) => resetPasswordCommand(terminal, given),
          ),
        },
      }),
      audit: defineCommand({
        meta: { name: 'audit', description: 'the audit trail, also while the server runs' },
        subCommands: {
          verify: command(
            'audit verify',
            'walk the whole chain and name the first entry that is not as recorded',
            {
              head: {
                type: 'string',
                valueHint: 'number:hash',
                description: 'a head kept elsewhere, to notice a trail that was cut off or rewritten',
              },
              file: {
                type: 'string',
                valueHint: 'export.ndjson',
                description: 'verify an exported file, not the database',
              },
            },
            ({ head, file }) => verifyAudit(terminal, { head, file }),
          ),
          head: command('audit head', 'print the head, number:hash, to be kept elsewhere', {}, () =>
            printHead(terminal),
          ),
        },
      }),
      backup: command(
        'backup',
        'copy the database into one file, also while the server runs',
        { file: { type: 'positional', required: true, description: 'the file to make' } },
        ({ file }) => backup(terminal, file),
      ),
      restore: command(
        'restore',
        'put a backup in the place of the database; the server must not run',
        {
          file: { type: 'positional', required: true, description: 'the backup' },
          head: { type: 'string', valueHint: 'number:hash', description: 'a head that it must hold' },
          forget: {
            type: 'boolean',
            description: 'delete the provider credentials that the master key does not open',
          },
        },
        (given) => restore(terminal, given),
      ),
      'master-key': defineCommand({
        meta: { name: 'master-key', description: 'the key that seals the provider credentials' },
        subCommands: {
          rotate: command(
            'master-key rotate',
            'make a new master key and seal every credential anew; also while the server runs',
            {},
            () => rotate(terminal),
          ),
          forget: command(
            'master-key forget',
            'delete the credentials of a master key that is lost for good',
            { yes: { type: 'boolean', description: 'delete them, rather than list them' } },
            ({ yes }) => forget(terminal, { yes }),
          ),
        },
      }),
      doctor: command('doctor', 'look at everything that a server needs, and say what to do', {}, () =>
        doctor(terminal),
      ),
      version: command('version', 'print the version', {}, () => {
        terminal.print(version);
        return EXIT.ok;
      }),
      help: command('help', 'print this', {}, async () => {
        terminal.print(await helpText(commands, commands));
        return EXIT.ok;
      }),
    },
  });
  return commands;
}

/**
 * Does what the words on the command line say.
 *
 * @returns the exit code, see `EXIT`; null while the server runs.
 */
export async function runCommandLine(
  words: string[],
  program: Program,
  terminal: Terminal,
): Promise<ExitCode> {
  const given = words.length === 0 ? ['serve'] : words.length === 1 ? [asCommand(words[0])] : words;
  try {
    const root = commandsOf(program, terminal);
    const { chosen, rest, path } = choose(root, given);
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.print(await helpText(chosen, root));
      return EXIT.ok;
    }
    if (chosen.subCommands !== undefined) {
      const [word] = rest;
      terminal.printError(await helpText(chosen, root));
      throw new CommandError(
        word === undefined ? `“${path}” needs a command.` : `There is no command “${word}” here.`,
      );
    }
    const { result } = await runCommand(chosen, { rawArgs: rest });
    return result as ExitCode;
  } catch (error) {
    return failed(error, given[0] === 'serve', program, terminal);
  }
}

/** `--help` and `--version` alone mean the commands of these names. */
function asCommand(word = ''): string {
  if (word === '--help' || word === '-h') return 'help';
  return word === '--version' || word === '-v' ? 'version' : word;
}

function failed(
  error: unknown,
  serving: boolean,
  { describeError }: Program,
  { printError }: Terminal,
): number {
  // Citty does not export its own class for words that it cannot make sense of.
  const ours = error instanceof CommandError || (error instanceof Error && error.name === 'CLIError');
  const words = ours ? stripVTControlCharacters((error as Error).message) : describeError(error);
  printError(words ?? inspect(error));
  return serving && !ours ? EXIT.bad : EXIT.usage;
}

/** Follows the words from command to command as far as they lead. */
function choose(root: CommandDef, words: string[]): { chosen: CommandDef; rest: string[]; path: string } {
  let chosen = root;
  let depth = 0;
  for (; depth < words.length; depth++) {
    const below = chosen.subCommands as Record<string, CommandDef> | undefined;
    const next = below !== undefined && Object.hasOwn(below, words[depth] ?? '') && below[words[depth] ?? ''];
    if (!next) break;
    chosen = next;
  }
  return { chosen, rest: words.slice(depth), path: words.slice(0, depth).join(' ') };
}

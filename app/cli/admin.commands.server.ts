import { randomInt } from 'node:crypto';
import type { ZodType } from 'zod';
import { email as emailAddress, newPassword, personName } from '~/auth/auth.schema';
import { CommandError } from '~/core/command-error';
import { errorMessage } from '~/core/error-catalogue';
import { createAdmin } from '~/users/create-admin.server';
import { resetPassword } from '~/users/reset-password.server';
import { EXIT, type Terminal } from './command.server';
import { withDatabase } from './open-database.server';

/** Without characters that look alike, such as l and 1. */
const PASSWORD_CHARACTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const PASSWORD_GROUPS = 4;
const GROUP_LENGTH = 5;

interface AccountArgs {
  email: string;
  /** Generate a password and print it, instead of asking for one. */
  generate?: boolean;
}

/** `admin create`: creates an admin, even before the server's first start. */
export async function createAdminCommand(
  terminal: Terminal,
  args: AccountArgs & { name?: string },
): Promise<number> {
  const email = parse(emailAddress, args.email);
  const name = parse(personName, args.name ?? email.replace(/@.*$/, ''));
  const password = await choosePassword(terminal, args);
  const result = await withDatabase(
    terminal,
    (context) => createAdmin(context, { email, name, password: password.value }),
    { create: true },
  );
  if (!result.ok && result.reason === 'email-taken')
    throw new CommandError(
      `${email} already has an account. Set a new password with \`admin reset-password ${email}\`. If they aren't an admin, create one with another email, who can promote them under People.`,
    );
  if (!result.ok) throw new CommandError(errorMessage(result));
  terminal.print(`${email} can sign in as an admin.`);
  if (password.isGenerated) printPassword(terminal, password.value);
  return EXIT.ok;
}

/** `admin reset-password`: sets a new password for any user. */
export async function resetPasswordCommand(terminal: Terminal, args: AccountArgs): Promise<number> {
  const email = parse(emailAddress, args.email);
  const password = await choosePassword(terminal, args);
  const result = await withDatabase(terminal, (context) =>
    resetPassword(context, { email, password: password.value }),
  );
  if (!result.ok) throw new CommandError(errorMessage(result));
  const { sessionsEnded, disabled } = result.value;
  terminal.print(`${email} has a new password. Sessions ended: ${sessionsEnded}.`);
  if (disabled) terminal.print('The account is disabled. Sign-in works after an admin enables it.');
  if (password.isGenerated) printPassword(terminal, password.value);
  return EXIT.ok;
}

/** Never from an argument, which every user of the machine can read in the process list. */
async function choosePassword(
  terminal: Terminal,
  { generate = false }: AccountArgs,
): Promise<{ value: string; isGenerated: boolean }> {
  if (generate) return { value: generatePassword(), isGenerated: true };
  const input = await terminal.readSecret('New password: ');
  if (input === '')
    throw new CommandError('No password given. Type it, pipe it in, or generate one with --generate.');
  return { value: parse(newPassword, input), isGenerated: false };
}

/** About 99 random bits, in groups that are easy to read out. */
function generatePassword(): string {
  const character = () => PASSWORD_CHARACTERS[randomInt(PASSWORD_CHARACTERS.length)];
  const group = () => Array.from({ length: GROUP_LENGTH }, character).join('');
  return Array.from({ length: PASSWORD_GROUPS }, group).join('-');
}

function printPassword(terminal: Terminal, password: string): void {
  terminal.print(`The password is ${password} (not shown again). Change it after signing in.`);
}

function parse<T>(schema: ZodType<T>, text: string): T {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CommandError(parsed.error.issues[0]?.message ?? `Invalid value: ${text}`);
}

import { randomInt } from 'node:crypto';
import type { ZodType } from 'zod';
import { email as emailAddress, newPassword, personName } from '~/auth/auth.schema';
import { CommandError } from '~/core/command-error';
import { errorMessage } from '~/core/error-catalogue';
import { createAdmin } from '~/users/create-admin.server';
import { resetPassword } from '~/users/reset-password.server';
import { EXIT, type Terminal } from './command.server';
import { withDatabase } from './open-database.server';

/** Without those that are taken for one another. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const GROUP_LENGTH = 5;

interface Given {
  email: string;
  /** Make a password up and show it, rather than ask for one. */
  generate?: boolean;
}

/** `admin create`: an admin more, also before the server's first start. */
export async function createAdminCommand(
  terminal: Terminal,
  given: Given & { name?: string },
): Promise<number> {
  const email = parse(emailAddress, given.email);
  const name = parse(personName, given.name ?? email.replace(/@.*$/, ''));
  const { password, generated } = await choosePassword(terminal, given);
  const outcome = await withDatabase(terminal, (parts) => createAdmin(parts, { email, name, password }), {
    create: true,
  });
  if (!outcome.ok && outcome.reason === 'email-taken')
    throw new CommandError(
      `${email} is a user here already. Give them a new password with \`admin reset-password ${email}\`; where they are no admin, make one under another address, who can then promote them under People.`,
    );
  if (!outcome.ok) throw new CommandError(errorMessage(outcome));
  terminal.print(`${email} can sign in as an admin.`);
  if (generated) tellPassword(terminal, password);
  return EXIT.ok;
}

/** `admin reset-password`: a new password for anybody who has lost theirs. */
export async function resetPasswordCommand(terminal: Terminal, given: Given): Promise<number> {
  const email = parse(emailAddress, given.email);
  const { password, generated } = await choosePassword(terminal, given);
  const outcome = await withDatabase(terminal, (parts) => resetPassword(parts, { email, password }));
  if (!outcome.ok) throw new CommandError(errorMessage(outcome));
  const { sessionsEnded, disabled } = outcome.value;
  terminal.print(`${email} has a new password. Sessions ended: ${sessionsEnded}.`);
  if (disabled)
    terminal.print('The account is disabled, so nobody can sign in to it before an admin enables it.');
  if (generated) tellPassword(terminal, password);
  return EXIT.ok;
}

/** Never an argument, which every user of the machine could read in the list of processes. */
async function choosePassword(
  terminal: Terminal,
  { generate = false }: Given,
): Promise<{ password: string; generated: boolean }> {
  if (generate) return { password: makeUpPassword(), generated: true };
  const password = await terminal.readSecret('New password: ');
  if (password === '') {
    throw new CommandError(
      'No password was given: type one, pipe one in, or have one made up with --generate.',
    );
  }
  return { password: parse(newPassword, password), generated: false };
}

/** Nearly a hundred random bits, in groups that can be read out. */
function makeUpPassword(): string {
  const letter = () => LETTERS[randomInt(LETTERS.length)];
  const group = () => Array.from({ length: GROUP_LENGTH }, letter).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

function tellPassword(terminal: Terminal, password: string): void {
  terminal.print(`The password is ${password} (shown only this once). Change it after signing in.`);
}

function parse<T>(schema: ZodType<T>, text: string): T {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CommandError(parsed.error.issues[0]?.message ?? 'This cannot be understood.');
}

import { count } from 'drizzle-orm';
import type { App } from '~/app-context.server';
import { type Actor, type Origin, record, SYSTEM } from '~/audit/record.server';
import { ConfigError } from '~/core/config.server';
import { accept, type Outcome, refuse } from '~/core/error-catalogue';
import { newId } from '~/core/ids.server';
import { email as emailAddress } from '~/users/users.schema';
import type { Queries } from '~db/sqlite/connection.server';
import { users } from '~db/schema';
import type { Entered } from './sign-in.server';
import { checkPassword, hashPassword } from '~/crypto/passwords.server';
import { replaceSession } from './sessions.server';
import { createSetupGate, type SetupGate } from './setup-token.server';

/** What the person at the console is told while nobody can sign in; never to be logged. */
export function setupNotice({ config, setup }: Pick<App, 'config' | 'setup'>): string | null {
  return setup && `Create the first admin at ${config.origin}/setup?token=${setup.token}`;
}

/** Whether anybody can sign in here yet. */
async function isSetUp(queries: Queries): Promise<boolean> {
  const [row] = await queries.select({ people: count() }).from(users);
  return (row?.people ?? 0) > 0;
}

/** Whether anybody can sign in here yet, and whether the bearer of this token may make it so. */
export async function setupState(
  { db, setup }: Pick<App, 'db' | 'setup'>,
  token?: string,
): Promise<{ isSetUp: boolean; linkWorks: boolean }> {
  const done = await isSetUp(db.read);
  return { isSetUp: done, linkWorks: !done && token !== undefined && setup?.accepts(token) === true };
}

/**
 * At the start, on a database without users: creates the first admin from the settings, or else opens the
 * gate. Answers the gate, or null when there is somebody to sign in.
 *
 * @throws ConfigError when the settings' password is too easy to guess.
 */
export async function prepareSetup(
  app: Pick<App, 'config' | 'db' | 'log' | 'now'>,
): Promise<SetupGate | null> {
  const { firstAdmin } = app.config;
  if (await isSetUp(app.db.read)) return null;
  if (firstAdmin === null) return createSetupGate();

  const email = emailAddress.parse(firstAdmin.email);
  const name = email.replace(/@.*$/, '');
  const strong = checkPassword(firstAdmin.password, [email]);
  if (!strong.ok) {
    const why = strong.details.why ? ` (${strong.details.why})` : '';
    throw new ConfigError(`ADMIN_PASSWORD is too easy to guess${why}; choose a longer or less common one.`);
  }
  const admin = { id: newId('usr'), email, name, passwordHash: await hashPassword(firstAdmin.password) };
  await app.db.write((tx) => insertFirstAdmin(app, tx, admin));
  app.log.info({ userId: admin.id }, 'the first admin was created from the settings');
  return null;
}

/**
 * Creates the first admin and signs them in. Of several at once, one wins.
 *
 * Refuses: already-set-up, bad-setup-link, weak-password.
 */
export async function setUp(
  app: Pick<App, 'config' | 'db' | 'now' | 'setup'>,
  origin: Origin,
  presented: string | null,
  input: { token: string; name: string; email: string; password: string },
): Promise<Outcome<Entered>> {
  if (await isSetUp(app.db.read)) return refuse('already-set-up');
  if (app.setup?.accepts(input.token) !== true) return refuse('bad-setup-link');
  const strong = checkPassword(input.password, [input.email, input.name]);
  if (!strong.ok) return strong;
  const passwordHash = await hashPassword(input.password);

  const user = { id: newId('usr'), email: input.email, name: input.name, role: 'admin' as const };
  const by: Actor = { ...user, ...origin };
  const outcome = await app.db.write(async (tx): Promise<Outcome<Entered>> => {
    if (!(await insertFirstAdmin(app, tx, { ...user, passwordHash }, by))) return refuse('already-set-up');
    return accept({ user, cookie: await replaceSession(app, tx, by, presented) });
  });
  if (outcome.ok) app.setup = null;
  return outcome;
}

/** False, with nothing written, when there is a user already. */
async function insertFirstAdmin(
  app: Pick<App, 'now'>,
  tx: Queries,
  admin: { id: string; email: string; name: string; passwordHash: string },
  by: Actor | typeof SYSTEM = SYSTEM,
): Promise<boolean> {
  if (await isSetUp(tx)) return false;
  await tx.insert(users).values({ ...admin, role: 'admin', createdAt: app.now() });
  await record(tx, {
    at: app.now(),
    by,
    action: 'user.created',
    subject: `user:${admin.id}`,
    details: { email: admin.email, role: 'admin', firstAdmin: true },
  });
  return true;
}

import { count } from 'drizzle-orm';
import type { AppContext, SetupToken } from '~/app-context.server';
import { type Actor, type ClientInfo, record, SYSTEM } from '~/audit/record.server';
import { ConfigError } from '~/core/config.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import { checkPasswordStrength, hashPassword } from '~/crypto/passwords.server';
import type { Queries } from '~db/database';
import { users } from '~db/schema';
import { email as emailAddress } from './auth.schema';
import { replaceSession } from './sessions.server';
import { createSetupToken } from './setup-token.server';
import type { SignInResult } from './sign-in.server';

/** What the person at the console is told while nobody can sign in; never to be logged. */
export function setupNotice({
  config,
  setupToken,
}: Pick<AppContext, 'config' | 'setupToken'>): string | null {
  return setupToken && `Create the first admin at ${config.origin}/setup?token=${setupToken.token}`;
}

/** Whether anybody can sign in here yet. */
async function isSetUp(queries: Queries): Promise<boolean> {
  const [row] = await queries.select({ people: count() }).from(users);
  return (row?.people ?? 0) > 0;
}

/** Whether anybody can sign in here yet, and whether the bearer of this token may make it so. */
export async function setupState(
  { db, setupToken }: Pick<AppContext, 'db' | 'setupToken'>,
  token?: string,
): Promise<{ isSetUp: boolean; linkWorks: boolean }> {
  const done = await isSetUp(db.read);
  return { isSetUp: done, linkWorks: !done && token !== undefined && setupToken?.accepts(token) === true };
}

/**
 * At the start, on a database without users: creates the first admin from the settings, or else opens the
 * gate. Answers the gate, or null when there is somebody to sign in.
 *
 * @throws ConfigError when the settings' password is too easy to guess.
 */
export async function prepareSetup(
  app: Pick<AppContext, 'config' | 'db' | 'log' | 'now'>,
): Promise<SetupToken | null> {
  const { firstAdmin } = app.config;
  if (await isSetUp(app.db.read)) return null;
  if (firstAdmin === null) return createSetupToken();

  const email = emailAddress.parse(firstAdmin.email);
  const name = email.replace(/@.*$/, '');
  const strong = checkPasswordStrength(firstAdmin.password, [email]);
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
 * Refuses: already-set-up, invalid-setup-link, weak-password.
 */
export async function setUp(
  app: Pick<AppContext, 'config' | 'db' | 'now' | 'setupToken'>,
  origin: ClientInfo,
  presented: string | null,
  input: { token: string; name: string; email: string; password: string },
): Promise<Result<SignInResult>> {
  if (await isSetUp(app.db.read)) return err('already-set-up');
  if (app.setupToken?.accepts(input.token) !== true) return err('invalid-setup-link');
  const strong = checkPasswordStrength(input.password, [input.email, input.name]);
  if (!strong.ok) return strong;
  const passwordHash = await hashPassword(input.password);

  const user = { id: newId('usr'), email: input.email, name: input.name, role: 'admin' as const };
  const by: Actor = { ...user, ...origin };
  const outcome = await app.db.write(async (tx): Promise<Result<SignInResult>> => {
    if (!(await insertFirstAdmin(app, tx, { ...user, passwordHash }, by))) return err('already-set-up');
    return ok({ user, cookie: await replaceSession(app, tx, by, presented) });
  });
  if (outcome.ok) app.setupToken = null;
  return outcome;
}

/** False, with nothing written, when there is a user already. */
async function insertFirstAdmin(
  app: Pick<AppContext, 'now'>,
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

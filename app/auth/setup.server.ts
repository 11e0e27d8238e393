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
import { replaceSession, type SignInResult } from './sessions.server';
import { createSetupToken } from './setup-token.server';

/** Printed on the console while there are no users; null otherwise. Contains the setup token: never log it. */
export function setupNotice({
  config,
  setupToken,
}: Pick<AppContext, 'config' | 'setupToken'>): string | null {
  return setupToken && `Create the first admin at ${config.origin}/setup?token=${setupToken.token}`;
}

/** Whether there is a user. */
async function isSetUp(queries: Queries): Promise<boolean> {
  const [row] = await queries.select({ people: count() }).from(users);
  return (row?.people ?? 0) > 0;
}

/** Whether there is a user and, if not, whether this setup token is valid. */
export async function setupState(
  { db, setupToken }: Pick<AppContext, 'db' | 'setupToken'>,
  token?: string,
): Promise<{ isSetUp: boolean; linkWorks: boolean }> {
  const done = await isSetUp(db.read);
  return { isSetUp: done, linkWorks: !done && token !== undefined && setupToken?.accepts(token) === true };
}

/**
 * Run at startup. On a database without users, creates the first admin from the settings or else a setup token.
 *
 * @returns the setup token; null if there is a user.
 * @throws ConfigError if `ADMIN_PASSWORD` is too easy to guess.
 */
export async function prepareSetup(
  app: Pick<AppContext, 'config' | 'db' | 'log' | 'now'>,
): Promise<SetupToken | null> {
  const { firstAdmin } = app.config;
  if (await isSetUp(app.db.read)) return null;
  if (firstAdmin === null) return createSetupToken();

  const email = emailAddress.parse(firstAdmin.email);
  const name = email.replace(/@.*$/, '');
  const strength = checkPasswordStrength(firstAdmin.password, [email]);
  if (!strength.ok) {
    const why = strength.details.why ? ` (${strength.details.why})` : '';
    throw new ConfigError(`ADMIN_PASSWORD is too easy to guess${why}; choose a longer or less common one.`);
  }
  const admin = { id: newId('usr'), email, name, passwordHash: await hashPassword(firstAdmin.password) };
  await app.db.write((tx) => insertFirstAdmin(app, tx, admin));
  app.log.info({ userId: admin.id }, 'created the first admin from the settings');
  return null;
}

/**
 * Creates the first admin and signs them in. Of concurrent calls, one succeeds.
 *
 * Errors: already-set-up, invalid-setup-link, weak-password.
 *
 * @param previousSessionId the stored id of the session that the call came with; it ends.
 */
export async function setUp(
  app: Pick<AppContext, 'config' | 'db' | 'now' | 'setupToken'>,
  origin: ClientInfo,
  previousSessionId: string | null,
  input: { token: string; name: string; email: string; password: string },
): Promise<Result<SignInResult>> {
  if (await isSetUp(app.db.read)) return err('already-set-up');
  if (app.setupToken?.accepts(input.token) !== true) return err('invalid-setup-link');
  const strength = checkPasswordStrength(input.password, [input.email, input.name]);
  if (!strength.ok) return strength;
  const passwordHash = await hashPassword(input.password);

  const user = { id: newId('usr'), email: input.email, name: input.name, role: 'admin' as const };
  const by: Actor = { ...user, ...origin };
  const result = await app.db.write(async (tx): Promise<Result<SignInResult>> => {
    if (!(await insertFirstAdmin(app, tx, { ...user, passwordHash }, by))) return err('already-set-up');
    return ok({ user, cookie: await replaceSession(app, tx, by, previousSessionId) });
  });
  if (result.ok) app.setupToken = null;
  return result;
}

/** Returns false, and writes nothing, if there is a user. */
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

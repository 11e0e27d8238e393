import { newId } from '~/core/ids.server';
import { type MintedKey, mintRawKey } from '~/crypto/key-format.server';
import type { App } from '~/server/create-app.server';
import { keys, requests, toolCredentials, tools, users } from '~db/schema';
import type { Environment, UserRole } from '~db/schema/enums';

/*
 * Rows written straight to the database, without audit entries and without the rules of the API. Nothing here
 * needs vitest: the benchmark uses it too. People with sessions are in visitor.ts, a whole team in team.ts.
 */

/** The provider credential that `addCredential` stores by default. */
export const CREDENTIAL = 'provider-credential-9f2c';

let counter = 0;

/** Adds a user whose password hash matches no password. */
export async function addUser(
  app: App,
  role: UserRole = 'member',
  name = `Person ${++counter}`,
): Promise<{ id: string; email: string; name: string; role: UserRole }> {
  const email = `${name.toLowerCase().replace(/\W+/g, '.')}@example.com`;
  const user = { id: newId('usr'), email, name, role };
  await app.db.write(async (tx) => {
    await tx.insert(users).values({ ...user, passwordHash: 'unusable', createdAt: app.now() });
  });
  return user;
}

/** Adds a tool that needs neither approval nor, for its calls to be routed, anything but a credential. */
export async function addTool(
  app: App,
  changes: Partial<typeof tools.$inferInsert> = {},
): Promise<typeof tools.$inferSelect> {
  const slug = changes.slug ?? `tool-${++counter}`;
  const defaults = {
    id: newId('tool'),
    slug,
    displayName: slug,
    requiresApproval: false,
    dialect: 'openai' as const,
    upstreamUrl: 'https://upstream.example',
    needsCredential: true,
    createdAt: app.now(),
  };
  const [tool] = await app.db.write((tx) =>
    tx
      .insert(tools)
      .values({ ...defaults, ...changes })
      .returning(),
  );
  if (tool === undefined) throw new Error('the insert returned no row');
  return tool;
}

/** Encrypts and stores the tool's provider credential, or replaces it, and tells the gateway. */
export async function addCredential(app: App, toolId: string, credential = CREDENTIAL): Promise<void> {
  const admin = await addUser(app, 'admin');
  const row = { ...app.encryption.seal(toolId, credential), setAt: app.now(), setBy: admin.id };
  await app.db.write(async (tx) => {
    await tx
      .insert(toolCredentials)
      .values({ toolId, ...row })
      .onConflictDoUpdate({ target: toolCredentials.toolId, set: row });
  });
  app.events.emit('tool-changed', { toolId });
}

export type IssuedKey = MintedKey & { id: string; holderId: string; holderEmail: string };

/** Adds an active, revealed key and its auto-issued request; without `holder`, a new member holds it. */
export async function addKey(
  app: App,
  toolId: string,
  {
    environment = 'development',
    holder,
  }: { environment?: Environment; holder?: { id: string; email: string } } = {},
): Promise<IssuedKey> {
  const { id: holderId, email: holderEmail } = holder ?? (await addUser(app));
  const minted = mintRawKey(environment);
  const { hash, prefix } = minted;
  const [id, requestId, now] = [newId('key'), newId('req'), app.now()];
  const decided = { decision: 'auto-issued' as const, decidedAt: now };
  await app.db.write(async (tx) => {
    await tx
      .insert(requests)
      .values({ id: requestId, requesterId: holderId, purpose: 'a test', createdAt: now, ...decided });
    const key = { id, requestId, holderId, toolId, environment, hash, prefix };
    await tx.insert(keys).values({ ...key, status: 'ACTIVE', createdAt: now, revealedAt: now });
  });
  return { ...minted, id, holderId, holderEmail };
}

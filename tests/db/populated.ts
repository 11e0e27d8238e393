import { eq } from 'drizzle-orm';
import type { App } from '~/server/create-app.server';
import { keys } from '~db/schema';
import { callerAs } from '../helpers/app';
import { join, setUpAdmin } from '../helpers/visitor';

/** The master key of every populated database, so that a loaded snapshot's credentials can be decrypted. */
export const MASTER_KEY = Buffer.alloc(32, 42).toString('base64');
export const CREDENTIAL = 'the-credential-of-the-populated-database';

/**
 * Fills a database through the API: rows in every table, keys in every status, requests with every decision.
 *
 * @returns an active raw key.
 */
export async function populate(app: App): Promise<{ rawKey: string }> {
  const ada = await setUpAdmin(app);
  const [bea, mara, otto] = [
    await join(app, ada, 'bea@example.com', 'admin'),
    await join(app, ada, 'mara@example.com'),
    await join(app, ada, 'otto@example.com'),
  ];
  const as = (person: { id: string }) => callerAs(app, person.id);
  const request = (person: { id: string }, tool: string, environment: 'development' | 'production') =>
    as(person).keys.request({ tool, environment, purpose: `work of ${person.id.slice(0, 8)}` });

  await as(ada).tools.setCredential({ tool: 'openai', credential: CREDENTIAL });
  await as(ada).tools.setCredential({ tool: 'mistral', credential: 'another' });
  await as(ada).tools.setRequiresApproval({ tool: 'mistral', requiresApproval: false });
  const working = await request(mara, 'openai', 'development');
  const approved = await request(mara, 'openai', 'production');
  await as(bea).requests.approve({ keyId: approved.key.id });
  await as(mara).keys.reveal({ keyId: approved.key.id });
  const unrevealed = await request(otto, 'anthropic', 'production');
  await as(ada).requests.approve({ keyId: unrevealed.key.id });
  const rejected = await request(mara, 'gemini', 'production');
  await as(ada).requests.reject({ keyId: rejected.key.id, reason: 'Use the staging key.' });
  const withdrawn = await request(mara, 'anthropic', 'production');
  await as(mara).keys.withdraw({ keyId: withdrawn.key.id });
  const revoked = await request(mara, 'echo', 'development');
  await as(ada).keys.revoke({ keyId: revoked.key.id, reason: 'It was in a log.' });
  await request(mara, 'gemini', 'production'); // stays pending
  await request(bea, 'mistral', 'production');
  await as(ada).tools.archive({ tool: 'mistral' });
  await as(ada).users.invite({ email: 'invited@example.com', role: 'member' });
  await as(ada).users.makeResetLink({ userId: mara.id });
  await as(ada).users.disable({ userId: otto.id, reason: 'Has left.' });
  const { id: serviceAccountId } = await as(ada).serviceAccounts.create({
    name: 'ci/deploy',
    purpose: 'deployments, in the pipeline',
  });
  const service = {
    serviceAccountId,
    tool: 'openai',
    environment: 'production',
    purpose: 'releases',
  } as const;
  const replaced = await as(ada).serviceAccounts.issueKey(service);
  await as(bea).serviceAccounts.issueKey(service);
  await as(bea).keys.revoke({ keyId: replaced.key.id, reason: 'Another one was rolled out.' });
  await app.db.write(async (tx) => {
    await tx.update(keys).set({ lastUsedAt: app.now() }).where(eq(keys.id, approved.key.id));
  });
  if (working.outcome !== 'issued') throw new Error('expected an issued key');
  return { rawKey: working.rawKey };
}

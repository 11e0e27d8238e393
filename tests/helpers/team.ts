import { eq } from 'drizzle-orm';
import type { App } from '~/server/create-app.server';
import { keys } from '~db/schema';
import { callerAs, testApp } from './app';
import { addTool, addUser } from './factories';

/** Two members, two admins and two tools (one requires approval) in a new app, and the API as called by each. */
export async function team() {
  const app = await testApp();
  const [member, other, admin, secondAdmin] = [
    await addUser(app, 'member', 'Mara Member'),
    await addUser(app, 'member', 'Otto Other'),
    await addUser(app, 'admin', 'Ada Admin'),
    await addUser(app, 'admin', 'Bea Admin'),
  ];
  const guarded = await addTool(app, { slug: 'guarded', displayName: 'Guarded', requiresApproval: true });
  const open = await addTool(app, { slug: 'open', displayName: 'Open', requiresApproval: false });
  return {
    app,
    member,
    other,
    admin,
    secondAdmin,
    guarded,
    open,
    asMember: callerAs(app, member.id),
    asOther: callerAs(app, other.id),
    asAdmin: callerAs(app, admin.id),
    asSecondAdmin: callerAs(app, secondAdmin.id),
    signedOut: callerAs(app, null),
  };
}

export type Team = Awaited<ReturnType<typeof team>>;

/** Makes every reading of the clock a millisecond later than the last, so that the order of rows is certain. */
export function letTimePass(app: App): void {
  let at = app.now();
  app.now = () => ++at;
}

/** A pending production key of the member; returns its id. */
export async function pendingKey({ asMember }: Team): Promise<string> {
  const answer = await asMember.keys.request({
    tool: 'guarded',
    environment: 'production',
    purpose: 'nightly deploy',
  });
  return answer.key.id;
}

/** An approved key that the member has not revealed; returns its id. */
export async function approvedKey(story: Team): Promise<string> {
  const keyId = await pendingKey(story);
  await story.asAdmin.requests.approve({ keyId });
  return keyId;
}

/** An active development key of the member. */
export async function activeKey({ asMember }: Team): Promise<{ keyId: string; rawKey: string }> {
  const answer = await asMember.keys.request({
    tool: 'open',
    environment: 'development',
    purpose: 'trying it out',
  });
  if (answer.outcome !== 'issued') throw new Error('the key was not issued');
  return { keyId: answer.key.id, rawKey: answer.rawKey };
}

/** A service account; returns its id. */
export async function serviceAccount({ asAdmin }: Team, name = 'ci/deploy'): Promise<string> {
  const { id } = await asAdmin.serviceAccounts.create({ name, purpose: 'deployments, in the pipeline' });
  return id;
}

/** A production key that an admin has issued to the service account. */
export async function serviceKey(
  { asAdmin }: Team,
  serviceAccountId: string,
  tool = 'open',
): Promise<{ keyId: string; rawKey: string }> {
  const { key, rawKey } = await asAdmin.serviceAccounts.issueKey({
    serviceAccountId,
    tool,
    environment: 'production',
    purpose: 'nightly deploy',
  });
  return { keyId: key.id, rawKey };
}

/** The key's current row, hash included. */
export async function keyRow(app: App, keyId: string) {
  const [row] = await app.db.read.select().from(keys).where(eq(keys.id, keyId));
  if (row === undefined) throw new Error('key not found');
  return row;
}

import { eq } from 'drizzle-orm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { users } from '~db/schema';
import { reasonOf } from '../helpers/app';
import { activeKey, pendingKey, serviceAccount, serviceKey, team } from '../helpers/team';

type Subscription = Awaited<ReturnType<Awaited<ReturnType<typeof team>>['asMember']['live']['changes']>>;

/** Reads notices by hand; closed when the test is over, as a browser's tab would be. */
function reader(subscription: Subscription) {
  const notices = subscription[Symbol.asyncIterator]();
  onTestFinished(async () => void (await notices.return?.()));
  return { next: () => notices.next() };
}

describe('the live page', () => {
  it('is told once at the start, for what happened between loading and listening', async () => {
    const { asMember } = await team();
    const { next } = reader(await asMember.live.changes());
    expect(await next()).toEqual({ done: false, value: { change: 1 } });
  });

  it('is told when an admin decides on the member’s request', async () => {
    const story = await team();
    const keyId = await pendingKey(story);
    const { next } = reader(await story.asMember.live.changes());
    await next();
    const notice = next();
    await story.asAdmin.requests.approve({ keyId });
    expect(await notice).toEqual({ done: false, value: { change: 2 } });
  });

  it('of an admin is told when a member asks; of another member it is not', async () => {
    const story = await team();
    const [admin, other] = [
      reader(await story.asAdmin.live.changes()),
      reader(await story.asOther.live.changes()),
    ];
    await Promise.all([admin.next(), other.next()]);
    const told: string[] = [];
    const waiting = [
      admin.next().then(() => told.push('admin')),
      other.next().then(() => told.push('other')),
    ];
    await pendingKey(story);
    await waiting[0];
    expect(told).toEqual(['admin']);
    // The other member's own change is the first thing that reaches them.
    await story.asOther.keys.request({ tool: 'open', environment: 'development', purpose: 'my own' });
    await waiting[1];
    expect(told).toEqual(['admin', 'other']);
  });

  it('of an admin is told of service accounts and their keys; of a member it is not', async () => {
    const story = await team();
    const [admin, member] = [
      reader(await story.asSecondAdmin.live.changes()),
      reader(await story.asMember.live.changes()),
    ];
    await Promise.all([admin.next(), member.next()]);
    const told: string[] = [];
    const waiting = member.next().then(() => told.push('member'));
    const made = admin.next();
    const account = await serviceAccount(story);
    await made;
    const issued = admin.next();
    await serviceKey(story, account);
    await issued;
    const disabled = admin.next();
    await story.asAdmin.serviceAccounts.disable({ serviceAccountId: account });
    await disabled;
    expect(told).toEqual([]);
    await activeKey(story);
    await waiting;
  });

  it('is told of several changes at once as one', async () => {
    const story = await team();
    const { next } = reader(await story.asMember.live.changes());
    await next();
    const notice = next();
    const { keyId } = await activeKey(story);
    await story.asMember.keys.revoke({ keyId });
    expect(await notice).toEqual({ done: false, value: { change: 2 } });
  });

  it('ends when its user is disabled, without another notice', async () => {
    const story = await team();
    const { next } = reader(await story.asMember.live.changes());
    await next();
    const notice = next();
    await story.app.db.write(
      async (tx) => void (await tx.update(users).set({ disabledAt: 1 }).where(eq(users.id, story.member.id))),
    );
    story.app.events.emit('user-changed', { userId: story.member.id });
    expect(await notice).toEqual({ done: true, value: undefined });
  });

  it('leaves no listener behind', async () => {
    const story = await team();
    const before = story.app.events.listenerCount('key-changed');
    const subscription = await story.asMember.live.changes();
    const notices = subscription[Symbol.asyncIterator]();
    await notices.next();
    expect(story.app.events.listenerCount('key-changed')).toBe(before + 1);
    await notices.return?.();
    expect(story.app.events.listenerCount('key-changed')).toBe(before);
  });

  it('is refused to the signed out', async () => {
    const { signedOut } = await team();
    expect(await reasonOf(signedOut.live.changes())).toBe('signed-out');
  });
});

import { eq } from 'drizzle-orm';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Caller } from '~/api/router.server';
import { users } from '~db/schema';
import { activeKey, pendingKey, serviceAccount, serviceKey, team } from '../helpers/team';

/** Subscribes like a page; the subscription is closed at the end of the test. */
async function subscribe(api: Caller) {
  const events = (await api.live.changes())[Symbol.asyncIterator]();
  onTestFinished(async () => void (await events.return?.()));
  return { next: () => events.next(), close: () => events.return?.() };
}

/** Subscribes and reads the first event, which comes immediately. */
async function subscribeAndStart(api: Caller) {
  const subscription = await subscribe(api);
  await subscription.next();
  return subscription;
}

describe('live.changes', () => {
  it('sends an event immediately, for changes between loading the page and subscribing', async () => {
    const { asMember } = await team();
    const { next } = await subscribe(asMember);
    expect(await next()).toEqual({ done: false, value: { change: 1 } });
  });

  it("sends a member an event when an admin decides the member's request", async () => {
    const story = await team();
    const keyId = await pendingKey(story);
    const { next } = await subscribeAndStart(story.asMember);
    const event = next();
    await story.asAdmin.requests.approve({ keyId });
    expect(await event).toEqual({ done: false, value: { change: 2 } });
  });

  it('sends the event of a new request to admins, but not to other members', async () => {
    const story = await team();
    const admin = await subscribeAndStart(story.asAdmin);
    const other = await subscribeAndStart(story.asOther);
    const received: string[] = [];
    const adminEvent = admin.next().then(() => received.push('admin'));
    const otherEvent = other.next().then(() => received.push('other'));
    await pendingKey(story);
    await adminEvent;
    expect(received).toEqual(['admin']);
    // The first event that reaches the other member comes from their own change.
    await story.asOther.keys.request({ tool: 'open', environment: 'development', purpose: 'my own' });
    await otherEvent;
    expect(received).toEqual(['admin', 'other']);
  });

  it('sends events of service accounts and their keys to admins, but not to members', async () => {
    const story = await team();
    const admin = await subscribeAndStart(story.asSecondAdmin);
    const member = await subscribeAndStart(story.asMember);
    let memberEvents = 0;
    const memberEvent = member.next().then(() => memberEvents++);
    const eventOf = async <T>(change: Promise<T>): Promise<T> => {
      await admin.next();
      return await change;
    };
    const serviceAccountId = await eventOf(serviceAccount(story));
    await eventOf(serviceKey(story, serviceAccountId));
    await eventOf(story.asAdmin.serviceAccounts.disable({ serviceAccountId }));
    expect(memberEvents).toBe(0);
    await activeKey(story);
    await memberEvent;
  });

  it('sends one event for several changes in quick succession', async () => {
    const story = await team();
    const { next } = await subscribeAndStart(story.asMember);
    const event = next();
    const { keyId } = await activeKey(story);
    await story.asMember.keys.revoke({ keyId });
    expect(await event).toEqual({ done: false, value: { change: 2 } });
  });

  it('ends without another event when its user is disabled', async () => {
    const story = await team();
    const { next } = await subscribeAndStart(story.asMember);
    const event = next();
    await story.app.db.write(
      async (tx) => void (await tx.update(users).set({ disabledAt: 1 }).where(eq(users.id, story.member.id))),
    );
    story.app.events.emit('user-changed', { userId: story.member.id });
    expect(await event).toEqual({ done: true, value: undefined });
  });

  it('removes its listeners when it is closed', async () => {
    const { app, asMember } = await team();
    const before = app.events.listenerCount('key-changed');
    const { close } = await subscribeAndStart(asMember);
    expect(app.events.listenerCount('key-changed')).toBe(before + 1);
    await close();
    expect(app.events.listenerCount('key-changed')).toBe(before);
  });
});

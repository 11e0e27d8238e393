import type { AppContext } from '~/app-context.server';
import { type Actor, record } from '~/audit/record.server';
import { endSessionsOf } from './sessions.server';

/** Signs the actor out of their other browsers. Returns how many sessions ended. */
export async function endOtherSessions(
  app: Pick<AppContext, 'db' | 'events' | 'now'>,
  actor: Actor,
  sessionId: string,
): Promise<{ ended: number }> {
  const ended = await app.db.write(async (tx) => {
    const count = await endSessionsOf(tx, actor.id, sessionId);
    if (count > 0) {
      await record(tx, {
        at: app.now(),
        by: actor,
        action: 'user.sessions_ended',
        subject: `user:${actor.id}`,
        details: { ended: count, others: true },
      });
    }
    return count;
  });
  if (ended > 0) app.events.emit('user-changed', { userId: actor.id });
  return { ended };
}

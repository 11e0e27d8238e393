import type { AppContext } from '~/app-context.server';
import { type Actor, type ClientInfo, record } from '~/audit/record.server';
import { endSession, type Session } from './sessions.server';

/** Ends the session that the call came with. Does nothing without one. */
export async function signOut(
  app: Pick<AppContext, 'db' | 'events' | 'now'>,
  origin: ClientInfo,
  session: Session | null,
): Promise<void> {
  if (session === null) return;
  const { user, sessionId } = session;
  await app.db.write(async (tx) => {
    if ((await endSession(tx, sessionId)) === null) return;
    const by: Actor = { ...user, ...origin };
    await record(tx, { at: app.now(), by, action: 'session.ended', subject: `user:${user.id}` });
  });
  app.events.emit('user-changed', { userId: user.id });
}

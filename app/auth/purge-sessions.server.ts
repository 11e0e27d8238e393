import { lte, or } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { sessions } from '~db/schema';

const PURGE_INTERVAL_MS = 60 * 60 * 1000;

/** Deletes expired sessions. They were already unusable; this only frees space. */
export async function purgeExpiredSessions({ db, now }: Pick<AppContext, 'db' | 'now'>): Promise<void> {
  const at = now();
  await db.write(async (tx) => {
    await tx.delete(sessions).where(or(lte(sessions.expiresAt, at), lte(sessions.endsAt, at)));
  });
}

/** Purges expired sessions now and then every hour. Returns a function that stops it. */
export async function startPurging(app: Pick<AppContext, 'db' | 'log' | 'now'>): Promise<() => void> {
  await purgeExpiredSessions(app);
  const purge = () => {
    purgeExpiredSessions(app).catch((error: unknown) =>
      app.log.error({ err: error }, 'purging expired sessions failed'),
    );
  };
  const timer = setInterval(purge, PURGE_INTERVAL_MS).unref();
  return () => clearInterval(timer);
}

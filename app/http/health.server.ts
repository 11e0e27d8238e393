import type { AppContext } from '~/app-context.server';
import { auditEntries } from '~db/schema';
import { plainResponse } from './plain-response.server';

/** Responds to `/healthz` (the process runs) and `/readyz` (the database can be read); null for other paths. */
export async function healthResponse(
  { config, db, log }: Pick<AppContext, 'config' | 'db' | 'log'>,
  pathname: string,
): Promise<Response | null> {
  if (pathname === '/healthz') return plainResponse(config, 200, 'ok');
  if (pathname !== '/readyz') return null;
  try {
    await db.read.select({ seq: auditEntries.seq }).from(auditEntries).limit(1);
    return plainResponse(config, 200, 'ready');
  } catch (error) {
    log.error({ err: error }, 'not ready');
    return plainResponse(config, 503, "The database can't be read.");
  }
}

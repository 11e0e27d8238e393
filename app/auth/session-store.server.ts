import { createHash } from 'node:crypto';
import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { type Adapter, Lucia, TimeSpan } from 'lucia';
import type { Config } from '~/core/config.server';
import type { Queries } from '~db/database';
import { prepareOnce } from '~db/prepare-once.server';
import { sessions, users } from '~db/schema';
import type { UserRole } from '~db/schema/enums';

/** A session ends after this long without use. */
export const SESSION_IDLE_MS = 7 * 24 * 60 * 60 * 1000;
/** A session ends after this long, used or not. */
export const SESSION_ABSOLUTE_MS = 30 * 24 * 60 * 60 * 1000;

interface SessionAttributes {
  createdAt: number;
  endsAt: number;
  address: string;
  userAgent: string;
}

interface UserAttributes {
  email: string;
  name: string;
  role: UserRole;
}

declare module 'lucia' {
  interface Register {
    Lucia: ReturnType<typeof createLucia>;
    DatabaseSessionAttributes: SessionAttributes;
    DatabaseUserAttributes: UserAttributes;
  }
}

/** A session's id in the database: the SHA-256 of the cookie's token, hexadecimal. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Where lucia reads and writes: `app.db` (a transaction per change) or `transactionStore(tx)`. */
export interface SessionStore {
  read: Queries;
  write<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
}

/** A store whose changes are part of the transaction `tx`. */
export const transactionStore = (tx: Queries): SessionStore => ({ read: tx, write: (work) => work(tx) });

/** Browsers reject a `__Host-` cookie set by a sibling subdomain or over plain HTTP (cookie tossing). */
export const sessionCookieName = ({ secure }: Pick<Config, 'secure'>): string =>
  secure ? '__Host-my-ai-keys' : 'my-ai-keys';

export function createLucia(store: SessionStore, config: Pick<Config, 'secure'>, now: () => number) {
  return new Lucia(sessionAdapter(store, now), {
    sessionExpiresIn: new TimeSpan(SESSION_IDLE_MS, 'ms'),
    sessionCookie: {
      name: sessionCookieName(config),
      attributes: { secure: config.secure, sameSite: 'lax', path: '/' },
    },
    getSessionAttributes: (attributes) => attributes,
    getUserAttributes: ({ email, name, role }) => ({ email, name, role }),
  });
}

const liveSession = prepareOnce((queries) =>
  queries
    .select({
      session: sessions,
      user: { id: users.id, email: users.email, name: users.name, role: users.role },
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.id, sql.placeholder('id')),
        gt(sessions.expiresAt, sql.placeholder('now')),
        gt(sessions.endsAt, sql.placeholder('now')),
        isNull(users.disabledAt),
      ),
    )
    .prepare(),
);

/**
 * The session with this stored id and its user. Null if it has ended: signed out, idle for too long, past its
 * absolute end, or its user is disabled.
 */
export async function findSession(queries: Queries, id: string, now: number) {
  const [row] = await liveSession(queries).execute({ id, now });
  return row ?? null;
}

/**
 * Lucia's adapter for our tables. The stock adapter stores session ids in clear, selects whole user rows including
 * the password hash, has no absolute end and doesn't write through `write`.
 */
function sessionAdapter({ read, write }: SessionStore, now: () => number): Adapter {
  return {
    async getSessionAndUser(token) {
      const found = await findSession(read, hashToken(token), now());
      if (found === null) return [null, null];
      const { id: _hash, userId, expiresAt, ...sessionAttributes } = found.session;
      const { id, ...attributes } = found.user;
      return [
        { id: token, userId, expiresAt: new Date(expiresAt), attributes: sessionAttributes },
        { id, attributes },
      ];
    },
    async setSession({ id, userId, expiresAt, attributes }) {
      const row = { id: hashToken(id), userId, expiresAt: expiresAt.getTime(), ...attributes };
      await write(async (tx) => {
        await tx.insert(sessions).values(row);
      });
    },
    async updateSessionExpiration(token, expiresAt) {
      await write(async (tx) => {
        await tx
          .update(sessions)
          .set({ expiresAt: expiresAt.getTime() })
          .where(eq(sessions.id, hashToken(token)));
      });
    },
    async deleteSession(token) {
      await write(async (tx) => {
        await tx.delete(sessions).where(eq(sessions.id, hashToken(token)));
      });
    },
    // The rest of the interface. Nothing calls it: sessions.server.ts ends and purges sessions itself.
    getUserSessions: unsupported,
    deleteUserSessions: unsupported,
    deleteExpiredSessions: unsupported,
  };
}

async function unsupported(): Promise<never> {
  throw new Error('lucia called a method that this server never needs');
}

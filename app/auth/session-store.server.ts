import { createHash } from 'node:crypto';
import { and, eq, gt, isNull, lte, or, sql } from 'drizzle-orm';
import { type Adapter, Lucia, TimeSpan } from 'lucia';
import type { Config } from '~/core/config.server';
import type { Queries } from '~db/database';
import { prepareOnce } from '~db/prepare-once.server';
import { sessions, users } from '~db/schema';
import type { UserRole } from '~db/schema/enums';

/** A session that nobody uses for so long has ended. */
export const SESSION_IDLE_MS = 7 * 24 * 60 * 60 * 1000;
/** No session lives longer, however busy. */
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

/** What stands in the sessions table for a cookie's token. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** How the adapter reaches the database: its own transaction for each change, or one already open. */
export interface SessionStore {
  read: Queries;
  write<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
}

/** Lucia over the given store: `app.db`, or `within(tx)` to be part of a transaction. */
export function createLucia(store: SessionStore, config: Pick<Config, 'secure'>, now: () => number) {
  return new Lucia(sessionAdapter(store, now), {
    sessionExpiresIn: new TimeSpan(SESSION_IDLE_MS, 'ms'),
    sessionCookie: {
      // `__Host-` makes browsers refuse the cookie from a sibling subdomain or over plain http.
      name: config.secure ? '__Host-my-ai-keys' : 'my-ai-keys',
      attributes: { secure: config.secure, sameSite: 'lax', path: '/' },
    },
    getSessionAttributes: (facts) => facts,
    getUserAttributes: ({ email, name, role }) => ({ email, name, role }),
  });
}

/** A store whose changes belong to the transaction `tx`. */
export const transactionStore = (tx: Queries): SessionStore => ({ read: tx, write: (work) => work(tx) });

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
 * The session with this stored id, and who bears it; null when it has ended: signed out, idle too long, past
 * its absolute end, or its user disabled.
 */
export async function findSession(queries: Queries, id: string, now: number) {
  const [row] = await liveSession(queries).execute({ id, now });
  return row ?? null;
}

/**
 * Lucia's adapter over our tables, in place of the stock one, which stores session ids in clear, selects
 * whole user rows with the password hash, knows no absolute end and writes beside `write`.
 */
function sessionAdapter({ read, write }: SessionStore, now: () => number): Adapter {
  return {
    async getSessionAndUser(token) {
      const found = await findSession(read, hashToken(token), now());
      if (found === null) return [null, null];
      const { id, ...attributes } = found.user;
      return [toLucia(found.session, token), { id, attributes }];
    },
    async getUserSessions(userId) {
      const rows = await read.select().from(sessions).where(eq(sessions.userId, userId));
      return rows.map((row) => toLucia(row, row.id));
    },
    async setSession({ id, userId, expiresAt, attributes }) {
      const row = { id: hashToken(id), userId, expiresAt: expiresAt.getTime(), ...attributes };
      await write(async (tx) => void (await tx.insert(sessions).values(row)));
    },
    async updateSessionExpiration(token, expiresAt) {
      await write(
        async (tx) =>
          void (await tx
            .update(sessions)
            .set({ expiresAt: expiresAt.getTime() })
            .where(eq(sessions.id, hashToken(token)))),
      );
    },
    async deleteSession(token) {
      await write(async (tx) => void (await tx.delete(sessions).where(eq(sessions.id, hashToken(token)))));
    },
    async deleteUserSessions(userId) {
      await write(async (tx) => void (await tx.delete(sessions).where(eq(sessions.userId, userId))));
    },
    async deleteExpiredSessions() {
      const at = now();
      await write(
        async (tx) =>
          void (await tx.delete(sessions).where(or(lte(sessions.expiresAt, at), lte(sessions.endsAt, at)))),
      );
    },
  };
}

function toLucia({ id: _hash, userId, expiresAt, ...attributes }: typeof sessions.$inferSelect, id: string) {
  return { id, userId, expiresAt: new Date(expiresAt), attributes };
}

import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { GENESIS, hashEntry } from '~/audit/record.server';
import { databaseFile } from '~/core/config.server';
import { newId } from '~/core/ids.server';
import { mintRawKey } from '~/crypto/key-format.server';
import { createKeyRepository } from '~/gateway/key-repository.server';
import type { App } from '~/server/create-app.server';
import { closeApp } from '~/server/create-app.server';
import { users } from '~db/schema';
import type { Environment } from '~db/schema/enums';
import { addCredential, addTool } from '../helpers/factories';
import { openApp } from '../helpers/open-app';
import { ADMIN } from '../helpers/server';

export { databaseFile };

/** Creates a data directory as the server's first start does, with `ADMIN`, and fills it. */
export async function makeData<T>(dataDir: string, fill: (app: App) => Promise<T>): Promise<T> {
  const app = await openApp(dataDir, { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password });
  try {
    app.db.connections.write.pragma('synchronous = OFF'); // faster; these rows need not survive a power cut
    // No `analyze`: with its statistics SQLite plans a statement again for each value that is bound to it.
    return await fill(app);
  } finally {
    await closeApp(app);
  }
}

/** Adds a tool that routes to `upstreamUrl` and has a credential; returns its id. */
export async function addRoutedTool(app: App, slug: string, upstreamUrl: string): Promise<string> {
  const { id } = await addTool(app, { slug, upstreamUrl });
  await addCredential(app, id);
  return id;
}

/** The id of `ADMIN`. */
export async function adminId(app: App): Promise<string> {
  const [admin] = await app.db.read.select({ id: users.id }).from(users).where(eq(users.email, ADMIN.email));
  if (admin === undefined) throw new Error('no admin found');
  return admin.id;
}

/** Adds members who can't sign in. */
export function addUsers(app: App, count: number): string[] {
  const insert = app.db.connections.write.prepare(
    `insert into users (id, email, name, role, password_hash, created_at) values (?, ?, ?, 'member', 'unusable', ?)`,
  );
  const ids = Array.from({ length: count }, () => newId('usr'));
  inTransaction(app, () => {
    for (const [index, id] of ids.entries())
      insert.run(id, `person${index}@example.com`, `Person ${index}`, app.now());
  });
  return ids;
}

export interface KeyRow {
  holderId: string;
  toolId: string;
  environment?: Environment;
  status: 'ACTIVE' | 'REVOKED' | 'REJECTED' | 'PENDING';
  createdAt: number;
}

/** Adds keys with their requests; returns the raw keys of the active ones. */
export function addKeys(app: App, rows: Iterable<KeyRow>): string[] {
  const { write } = app.db.connections;
  const request = write.prepare(
    `insert into requests (id, requester_id, purpose, created_at, decision, decided_at, reason)
     values (?, ?, 'to measure the server', ?, ?, ?, ?)`,
  );
  const key = write.prepare(
    `insert into keys (id, request_id, holder_id, tool_id, environment, status, hash, prefix, created_at, revealed_at, revoked_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const rawKeys: string[] = [];
  inTransaction(app, () => {
    for (const row of rows) {
      const { holderId, toolId, environment = 'development', status, createdAt } = row;
      const requestId = newId('req');
      const decision = DECISIONS[status];
      const reason = decision === 'rejected' ? 'not for this' : null;
      request.run(requestId, holderId, createdAt, decision, decision && createdAt, reason);
      const { rawKey, hash, prefix } = secretOf(status, environment);
      if (rawKey !== null) rawKeys.push(rawKey);
      const revealedAt = hash === null ? null : createdAt;
      const revokedAt = status === 'REVOKED' ? createdAt : null;
      const values = [environment, status, hash, prefix, createdAt, revealedAt, revokedAt];
      key.run(newId('key'), requestId, holderId, toolId, ...values);
    }
  });
  return rawKeys;
}

const DECISIONS = { ACTIVE: 'auto-issued', REVOKED: 'auto-issued', REJECTED: 'rejected', PENDING: null };

/** A minted secret for an active key, a random hash for a revoked one, none for the others. */
function secretOf(status: KeyRow['status'], environment: Environment) {
  if (status === 'ACTIVE') return mintRawKey(environment);
  if (status === 'REVOKED')
    return { rawKey: null, hash: randomBytes(32).toString('hex'), prefix: 'aik_dev_XXXXXX' };
  return { rawKey: null, hash: null, prefix: null };
}

/** Appends entries to the audit chain. */
export function addAuditEntries(app: App, count: number, actors: readonly string[]): void {
  const { write } = app.db.connections;
  const last = write.prepare('select seq, hash from audit_entries order by seq desc limit 1');
  const head = (last.get() as { seq: number; hash: string } | undefined) ?? { seq: 0, hash: GENESIS };
  const insert = write.prepare(
    `insert into audit_entries (seq, at, actor_id, actor_email, action, subject, key_id, tool_id, address, user_agent, request_id, details, previous_hash, hash)
     values (@seq, @at, @actorId, @actorEmail, @action, @subject, @keyId, @toolId, @address, @userAgent, @requestId, @details, @previousHash, @hash)`,
  );
  const actions = ['key.issued', 'key.revoked', 'session.started', 'key.revealed'] as const;
  inTransaction(app, () => {
    let { hash } = head;
    for (let done = 0; done < count; done++) {
      const keyId = newId('key');
      const entry = {
        seq: head.seq + 1 + done,
        at: app.now() - (count - done) * 1000,
        actorId: actors[done % actors.length] ?? null,
        actorEmail: `person${done % actors.length}@example.com`,
        action: actions[done % actions.length] ?? actions[0],
        subject: `key:${keyId}`,
        keyId,
        toolId: null,
        address: '192.0.2.7',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0',
        requestId: newId('call'),
        details: '{"environment":"development","purpose":"to measure the server"}',
        previousHash: hash,
      };
      hash = hashEntry(entry);
      insert.run({ ...entry, hash });
    }
  });
}

/** The gateway's two SQL statements for people's keys, for the bare server to run the same. */
export function gatewayQueries(): { VERIFY_QUERY: string; ROUTE_QUERY: string } {
  const prepared: string[] = [];
  const statement = { raw: () => statement, pluck: () => statement };
  const prepare = (sql: string) => {
    prepared.push(sql);
    return statement;
  };
  createKeyRepository({ connections: { read: { prepare } } } as unknown as Parameters<
    typeof createKeyRepository
  >[0]);
  const [VERIFY_QUERY, ROUTE_QUERY] = prepared.filter(
    (sql) => sql.includes('k.hash = ?') && sql.includes('k.holder_id'),
  );
  if (VERIFY_QUERY === undefined || ROUTE_QUERY === undefined)
    throw new Error('the gateway has other statements now: adapt gatewayQueries');
  return { VERIFY_QUERY, ROUTE_QUERY };
}

function inTransaction({ db }: App, work: () => void): void {
  const { write } = db.connections;
  write.exec('begin');
  work();
  write.exec('commit');
}

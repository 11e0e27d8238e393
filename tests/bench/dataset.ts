import { randomBytes } from 'node:crypto';
import { GENESIS, hashEntry } from '~/audit/record.server';
import { databaseFile, readConfig } from '~/core/config.server';
import { newId } from '~/core/ids.server';
import { createLogger } from '~/core/logger.server';
import { mintRawKey } from '~/crypto/key-format.server';
import { createKeyRepository } from '~/gateway/key-repository.server';
import type { App } from '~/server/create-app.server';
import { closeApp, createApp } from '~/server/create-app.server';
import { toolCredentials, tools, users } from '~db/schema';
import { ADMIN } from '../helpers/server';

export { databaseFile };

/** What the upstream gets in the place of our key. */
const CREDENTIAL = 'provider-credential';

/** Makes a data folder as the server's first start does, with `ADMIN`, and fills it. */
export async function makeData<T>(dataDir: string, fill: (app: App) => Promise<T>): Promise<T> {
  const config = readConfig({
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  });
  const app = await createApp(config, createLogger(config));
  try {
    // These rows need not survive a power cut.
    app.db.connections.write.pragma('synchronous = OFF');
    // No `analyze`: with its statistics SQLite plans a statement anew for each value that is bound to it.
    return await fill(app);
  } finally {
    await closeApp(app);
  }
}

/** A tool that leads to `upstreamUrl`, with a sealed credential; answers its id. */
export async function addTool(app: App, slug: string, upstreamUrl: string): Promise<string> {
  const id = newId('tool');
  const setBy = await adminId(app);
  await app.db.write(async (tx) => {
    await tx.insert(tools).values({
      id,
      slug,
      displayName: slug,
      requiresApproval: false,
      dialect: 'openai',
      upstreamUrl,
      needsCredential: true,
      createdAt: app.now(),
    });
    const sealed = app.encryption.seal(id, CREDENTIAL);
    await tx.insert(toolCredentials).values({ toolId: id, ...sealed, setAt: app.now(), setBy });
  });
  return id;
}

export async function adminId(app: App): Promise<string> {
  const [admin] = await app.db.read.select({ id: users.id }).from(users).limit(1);
  if (admin === undefined) throw new Error('there is no admin');
  return admin.id;
}

/** Members straight in the database; nobody can sign in as one. */
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
  environment?: 'development' | 'staging' | 'production';
  status: 'ACTIVE' | 'REVOKED' | 'REJECTED' | 'PENDING';
  createdAt: number;
}

/** Key rows with their requests; answers the raw key of each that is active. */
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
    for (const { holderId, toolId, environment = 'development', status, createdAt } of rows) {
      const [keyId, requestId] = [newId('key'), newId('req')];
      const rejected = status === 'REJECTED' ? 'not for this' : null;
      const decision = status === 'PENDING' ? null : rejected === null ? 'auto-issued' : 'rejected';
      request.run(requestId, holderId, createdAt, decision, decision && createdAt, rejected);
      const minted = status === 'ACTIVE' ? mintRawKey(environment) : null;
      if (minted !== null) rawKeys.push(minted.rawKey);
      const hash = status === 'REVOKED' ? randomBytes(32).toString('hex') : (minted?.hash ?? null);
      const prefix = hash === null ? null : (minted?.prefix ?? 'aik_dev_XXXXXX');
      const revokedAt = status === 'REVOKED' ? createdAt : null;
      const revealedAt = hash === null ? null : createdAt;
      const values = [environment, status, hash, prefix, createdAt, revealedAt, revokedAt];
      key.run(keyId, requestId, holderId, toolId, ...values);
    }
  });
  return rawKeys;
}

/** Entries of a whole chain, after those that are there. */
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

/** The gateway's own two statements for people's keys, so that what is measured beside it reads the same. */
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
    throw new Error('the gateway reads keys in another way now');
  return { VERIFY_QUERY, ROUTE_QUERY };
}

function inTransaction({ db }: App, work: () => void): void {
  const { write } = db.connections;
  write.exec('begin');
  work();
  write.exec('commit');
}

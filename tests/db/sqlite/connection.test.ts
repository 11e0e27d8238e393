import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Queries } from '~db/database';
import { users } from '~db/schema';
import { openDatabase } from '~db/sqlite/connection.server';
import { temporaryFolder } from '../../helpers/app';

function openTestDatabase() {
  const db = openDatabase(join(temporaryFolder(), 'db.sqlite'));
  onTestFinished(() => db.close());
  return db;
}

const insertUser = (queries: Queries, id: string) =>
  queries
    .insert(users)
    .values({ id, email: `${id}@example.com`, name: id, role: 'member', passwordHash: '-', createdAt: 1 });

const userIds = async (queries: Queries) => (await queries.select().from(users)).map(({ id }) => id);

describe('a SQLite database', () => {
  it('uses WAL, synchronous FULL and foreign keys on both connections', () => {
    const { connections } = openTestDatabase();
    for (const connection of [connections.read, connections.write]) {
      expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
      expect(connection.pragma('synchronous', { simple: true })).toBe(2);
      expect(connection.pragma('foreign_keys', { simple: true })).toBe(1);
    }
  });

  it('rolls back a failed write and runs the next one', async () => {
    const db = openTestDatabase();
    const failed = db.write(async (tx) => {
      await insertUser(tx, 'a');
      throw new Error('no');
    });
    const next = db.write(async (tx) => void (await insertUser(tx, 'b')));
    await expect(failed).rejects.toThrow('no');
    await next;
    expect(await userIds(db.read)).toEqual(['b']);
  });

  it('runs writes one at a time and in order, even when they await', async () => {
    const db = openTestDatabase();
    const steps: string[] = [];
    const write = (name: string) =>
      db.write(async (tx) => {
        steps.push(`${name} begins`);
        await tx.select().from(users);
        await insertUser(tx, name);
        steps.push(`${name} ends`);
      });
    await Promise.all(['a', 'b', 'c'].map(write));
    expect(steps).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it('rejects a write inside a write, rolls both back, and runs the next one', async () => {
    const db = openTestDatabase();
    const insert = (id: string) => db.write(async (tx) => void (await insertUser(tx, id)));
    const nested = db.write(async (tx) => {
      await insertUser(tx, 'a');
      await insert('b');
    });
    const next = insert('c');
    await expect(nested).rejects.toThrow('inside a write');
    await next;
    expect(await userIds(db.read)).toEqual(['c']);
    await expect(db.write(() => insert('d'))).rejects.toThrow('inside a write');
  });

  it('lets a callback that a write started write after that write has ended', async () => {
    const db = openTestDatabase();
    const { inserted } = await db.write(async (tx) => {
      await tx.select().from(users);
      const later = setImmediate().then(() => db.write(async (own) => void (await insertUser(own, 'a'))));
      return { inserted: later }; // in an object, or `write` would wait for it
    });
    await inserted;
    expect(await userIds(db.read)).toEqual(['a']);
  });

  it('rejects writes through the read connection', async () => {
    const db = openTestDatabase();
    await expect((async () => insertUser(db.read, 'a'))()).rejects.toThrow('readonly');
  });
});

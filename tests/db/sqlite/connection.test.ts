import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { users } from '~db/schema';
import { openDatabase } from '~db/sqlite/connection.server';
import { temporaryFolder } from '../../helpers/app';

const somebody = (id: string) => ({
  id,
  email: `${id}@example.com`,
  name: id,
  role: 'member' as const,
  passwordHash: '-',
  createdAt: 1,
});

describe('the database client', () => {
  it('sets and keeps WAL, synchronous FULL and foreign keys on both connections', async () => {
    const db = openDatabase(join(temporaryFolder(), 'db.sqlite'));
    for (const connection of [db.connections.read, db.connections.write]) {
      expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
      expect(connection.pragma('synchronous', { simple: true })).toBe(2);
      expect(connection.pragma('foreign_keys', { simple: true })).toBe(1);
    }
    await db.close();
  });

  it('undoes everything a failed write did, and goes on with the next one', async () => {
    const db = openDatabase(join(temporaryFolder(), 'db.sqlite'));
    const failed = db.write(async (tx) => {
      await tx.insert(users).values(somebody('a'));
      throw new Error('no');
    });
    const next = db.write(async (tx) => void (await tx.insert(users).values(somebody('b'))));
    await expect(failed).rejects.toThrow('no');
    await next;
    expect((await db.read.select().from(users)).map(({ id }) => id)).toEqual(['b']);
    await db.close();
  });

  it('runs writers one at a time, in order, though each awaits in between', async () => {
    const db = openDatabase(join(temporaryFolder(), 'db.sqlite'));
    const steps: string[] = [];
    const writer = (name: string) =>
      db.write(async (tx) => {
        steps.push(`${name} begins`);
        await tx.select().from(users);
        await tx.insert(users).values(somebody(name));
        steps.push(`${name} ends`);
      });
    await Promise.all(['a', 'b', 'c'].map(writer));
    expect(steps).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
    await db.close();
  });

  it('refuses a write inside a write at once, undone, and lets the writers after it go on', async () => {
    const db = openDatabase(join(temporaryFolder(), 'db.sqlite'));
    const insert = (id: string) => db.write(async (tx) => void (await tx.insert(users).values(somebody(id))));
    const nested = db.write(async (tx) => {
      await tx.insert(users).values(somebody('a'));
      await insert('b');
    });
    const next = insert('c');
    await expect(nested).rejects.toThrow('inside a write');
    await next;
    expect((await db.read.select().from(users)).map(({ id }) => id)).toEqual(['c']);
    await expect(db.write(() => insert('d'))).rejects.toThrow('inside a write'); // after others have ended, too
    await db.close();
  });

  it('lets what a write left behind write, once that has ended', async () => {
    const db = openDatabase(join(temporaryFolder(), 'db.sqlite'));
    const later = await db.write(async (tx) => {
      await tx.select().from(users);
      return {
        done: new Promise<void>((resolve, reject) =>
          setImmediate(() => {
            const insert = db.write(async (own) => void (await own.insert(users).values(somebody('a'))));
            insert.then(resolve, reject);
          }),
        ),
      };
    });
    await later.done;
    expect(await db.read.select().from(users)).toHaveLength(1);
    await db.close();
  });

  it('refuses to write through the read connection', async () => {
    const db = openDatabase(join(temporaryFolder(), 'db.sqlite'));
    await expect((async () => db.read.insert(users).values(somebody('a')))()).rejects.toThrow();
    await db.close();
  });
});

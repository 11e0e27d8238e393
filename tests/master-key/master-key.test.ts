import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import { MasterKeyError } from '~/master-key/master-key-files.server';
import { forgetLostCredentials, rotateMasterKey } from '~/master-key/master-key-rotation.server';
import type { App } from '~/server/create-app.server';
import { closeApp, createApp } from '~/server/create-app.server';
import { auditEntries, masterKeyInUse, toolCredentials, tools } from '~db/schema';
import { openDatabase } from '~db/sqlite/connection.server';
import { temporaryFolder } from '../helpers/app';
import { addUser } from '../helpers/factories';

const KEY_A = Buffer.alloc(32, 1).toString('base64');
const KEY_B = Buffer.alloc(32, 2).toString('hex');

const settings = (folder: string, changes: Record<string, string> = {}) =>
  readConfig({ DATA_DIR: folder, LOG_LEVEL: 'silent', ...changes });

async function start(folder: string, changes: Record<string, string> = {}): Promise<App> {
  const config = settings(folder, changes);
  return await createApp(config, createLogger(config));
}

/** Runs `work` on a server that is started for it and stopped again. */
async function running<T>(
  folder: string,
  work: (app: App) => Promise<T>,
  changes: Record<string, string> = {},
): Promise<T> {
  const app = await start(folder, changes);
  try {
    return await work(app);
  } finally {
    await closeApp(app);
  }
}

/** Seals a credential of its own for each of these tools, straight into the database. */
async function seal(app: App, ...slugs: string[]): Promise<void> {
  const admin = await addUser(app, 'admin');
  const rows = await app.db.read.select().from(tools);
  await app.db.write(async (tx) => {
    for (const slug of slugs) {
      const tool = rows.find((row) => row.slug === slug);
      if (tool === undefined) throw new Error(`no tool ${slug}`);
      const sealed = app.encryption.seal(tool.id, `secret of ${slug}`);
      await tx
        .insert(toolCredentials)
        .values({ toolId: tool.id, ...sealed, setAt: app.now(), setBy: admin.id });
    }
  });
}

/** Every credential in clear, by slug. */
async function opened(app: App): Promise<Record<string, string>> {
  const rows = await app.db.read.select().from(toolCredentials);
  const names = new Map((await app.db.read.select().from(tools)).map(({ id, slug }) => [id, slug]));
  return Object.fromEntries(rows.map((row) => [names.get(row.toolId), app.encryption.open(row.toolId, row)]));
}

const own = (folder: string) => join(folder, 'master.key');
const next = (folder: string) => join(folder, 'master.key.next');

describe('the master key of a new server', () => {
  it('is made once, readable by its owner only, and is the same at the next start', async () => {
    const folder = temporaryFolder();
    const first = await running(folder, async (app) => app.encryption.keyId);
    const text = readFileSync(own(folder), 'utf8');
    const second = await running(folder, async (app) => app.encryption.keyId);
    expect(Buffer.from(text.trim(), 'base64')).toHaveLength(32);
    expect(statSync(own(folder)).mode & 0o777).toBe(0o600);
    expect(second).toBe(first);
    expect(readFileSync(own(folder), 'utf8')).toBe(text);
  });

  it('stands neither in the database nor in the log', async () => {
    const folder = temporaryFolder();
    const lines: string[] = [];
    const config = readConfig({ DATA_DIR: folder, LOG_LEVEL: 'trace' });
    const log = createLogger(config, { write: (line) => lines.push(line) });
    const app = await createApp(config, log);
    await seal(app, 'openai');
    await closeApp(app);
    const text = readFileSync(own(folder), 'utf8').trim();
    const database = readFileSync(join(folder, 'my-ai-keys.sqlite'));
    for (const form of [text, Buffer.from(text, 'base64'), 'secret of openai']) {
      expect(database.includes(form)).toBe(false);
    }
    expect(lines.join()).toContain('back it up');
    expect(lines.join()).not.toContain(text);
  });

  it('is not made where the settings bring one, in any of its spellings', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'given');
    writeFileSync(file, `${Buffer.alloc(32, 1).toString('base64url')}\n`);
    const ids = [
      await running(folder, async (app) => app.encryption.keyId, { MASTER_KEY: KEY_A }),
      await running(folder, async (app) => app.encryption.keyId, { MASTER_KEY_FILE: file }),
      await running(folder, async (app) => app.encryption.keyId, { MASTER_KEY: '01'.repeat(32) }),
    ];
    expect(new Set(ids).size).toBe(1);
    expect(existsSync(own(folder))).toBe(false);
  });
});

describe('the start', () => {
  it('stops with a sentence when MASTER_KEY is no key, and does not repeat it', async () => {
    const bad = start(temporaryFolder(), { MASTER_KEY: 'hunter2-hunter2' });
    await expect(bad).rejects.toThrow(MasterKeyError);
    await expect(bad).rejects.toThrow(/^MASTER_KEY must hold 32 bytes (?!.*hunter2)/);
  });

  it('stops when the file that MASTER_KEY_FILE names is not there', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'nowhere');
    await expect(start(folder, { MASTER_KEY_FILE: file })).rejects.toThrow(/master key is missing.*nowhere/);
    expect(existsSync(file)).toBe(false);
  });

  it('stops and names the tools when the key is another one than they are sealed under', async () => {
    const folder = temporaryFolder();
    await running(folder, (app) => seal(app, 'openai', 'gemini'), { MASTER_KEY: KEY_A });
    await expect(start(folder, { MASTER_KEY: KEY_B })).rejects.toThrow(/MASTER_KEY .* gemini, openai:/);
    expect(await running(folder, opened, { MASTER_KEY: KEY_A })).toEqual({
      gemini: 'secret of gemini',
      openai: 'secret of openai',
    });
  });

  it('stops when its own key file is gone and credentials are sealed, rather than make a new one', async () => {
    const folder = temporaryFolder();
    await running(folder, (app) => seal(app, 'mistral'));
    rmSync(own(folder));
    await expect(start(folder)).rejects.toThrow(/master key is missing.*mistral/);
    expect(existsSync(own(folder))).toBe(false);
  });

  it('stops and names the tool when one sealed credential was tampered with', async () => {
    const folder = temporaryFolder();
    await running(folder, async (app) => {
      await seal(app, 'openai', 'gemini');
      app.db.connections.write.exec(
        "update tool_credentials set sealed = zeroblob(40) where tool_id = (select id from tools where slug = 'gemini')",
      );
    });
    await expect(start(folder)).rejects.toThrow(/credentials of gemini:/);
  });

  it('warns when others on this machine can read the key', async () => {
    const folder = temporaryFolder();
    await running(folder, async () => undefined);
    chmodSync(own(folder), 0o644);
    const lines: string[] = [];
    const config = settings(folder, { LOG_LEVEL: 'warn' });
    await closeApp(await createApp(config, createLogger(config, { write: (line) => lines.push(line) })));
    expect(lines.join()).toContain('can be read by other users');
  });
});

describe('rotating the master key', () => {
  it('seals every credential anew, replaces the key file, and stands on the audit trail', async () => {
    const folder = temporaryFolder();
    await running(folder, async (app) => {
      await seal(app, 'openai', 'gemini');
      const before = { id: app.encryption.keyId, file: readFileSync(own(folder), 'utf8') };
      const rows = await app.db.read.select().from(toolCredentials);
      const outcome = await rotateMasterKey(app);
      expect(outcome).toMatchObject({ ok: true, value: { credentials: 2, moveKeyFrom: null } });
      expect(app.encryption.keyId).not.toBe(before.id);
      expect(readFileSync(own(folder), 'utf8')).not.toBe(before.file);
      expect(existsSync(next(folder))).toBe(false);
      for (const row of await app.db.read.select().from(toolCredentials)) {
        expect(row.masterKeyId).toBe(app.encryption.keyId);
        expect(rows.find(({ toolId }) => toolId === row.toolId)?.sealed).not.toEqual(row.sealed);
      }
      const entries = await app.db.read.select().from(auditEntries);
      expect(entries.at(-1)).toMatchObject({
        action: 'master_key.rotated',
        details: JSON.stringify({ credentials: 2, previous: before.id }),
      });
    });
    expect(await running(folder, opened)).toEqual({
      gemini: 'secret of gemini',
      openai: 'secret of openai',
    });
  });

  it('is followed by a server that runs meanwhile', async () => {
    const folder = temporaryFolder();
    await running(folder, async (server) => {
      await seal(server, 'openai');
      await running(folder, (other) => rotateMasterKey(other));
      expect(await opened(server)).toEqual({ openai: 'secret of openai' });
    });
  });

  it('loses nothing when it is stopped before the database has committed', async () => {
    const folder = temporaryFolder();
    await running(folder, async (app) => {
      await seal(app, 'openai', 'gemini');
      // The last statement of the transaction fails, as on a full disk.
      app.db.connections.write.exec(
        "create temp trigger full before insert on audit_entries begin select raise(abort, 'disk full'); end",
      );
      await expect(rotateMasterKey(app)).rejects.toThrow();
      expect(existsSync(next(folder))).toBe(true);
      expect(await opened(app)).toMatchObject({ openai: 'secret of openai' });
    });
    expect(Object.keys(await running(folder, opened)).sort()).toEqual(['gemini', 'openai']);
    expect(existsSync(next(folder))).toBe(false);
    await running(folder, async (app) => expect((await rotateMasterKey(app)).ok).toBe(true));
  });

  it('loses nothing when it is stopped after the commit, before the key file was replaced', async () => {
    const folder = temporaryFolder();
    let old = '';
    await running(folder, async (app) => {
      await seal(app, 'openai');
      old = readFileSync(own(folder), 'utf8');
      await rotateMasterKey(app);
    });
    // As the crash would have left it: the new key beside, the old one still in its place.
    writeFileSync(next(folder), readFileSync(own(folder)), { mode: 0o600 });
    writeFileSync(own(folder), old);
    expect(await running(folder, opened)).toEqual({ openai: 'secret of openai' });
    expect(existsSync(next(folder))).toBe(false);
    expect(readFileSync(own(folder), 'utf8')).not.toBe(old);
  });

  it('loses nothing when it is stopped while it writes the new key', async () => {
    const folder = temporaryFolder();
    await running(folder, (app) => seal(app, 'openai'));
    writeFileSync(next(folder), 'AAAA');
    expect(await running(folder, opened)).toEqual({ openai: 'secret of openai' });
  });

  it('leaves a key that the operator brings where it is, works on, and refuses to rotate twice', async () => {
    const folder = temporaryFolder();
    const given = { MASTER_KEY: KEY_A };
    await running(
      folder,
      async (app) => {
        await seal(app, 'openai');
        expect(await rotateMasterKey(app)).toMatchObject({ value: { moveKeyFrom: next(folder) } });
        expect(await rotateMasterKey(app)).toMatchObject({ ok: false, reason: 'rotation-unfinished' });
      },
      given,
    );
    expect(await running(folder, opened, given)).toEqual({ openai: 'secret of openai' });
    const moved = { MASTER_KEY: readFileSync(next(folder), 'utf8').trim() };
    expect(await running(folder, opened, moved)).toEqual({ openai: 'secret of openai' });
    // Nothing is left of it beside the database, under whatever name.
    const left = readdirSync(folder).filter((name) =>
      readFileSync(join(folder, name)).includes(moved.MASTER_KEY),
    );
    expect([readdirSync(folder).length > 0, left]).toEqual([true, []]);
    await expect(start(folder, given)).rejects.toThrow(/openai/);
  });

  it.each([
    ['names the next file itself', (folder: string) => next(folder)],
    [
      'leads to the next file by a link',
      (folder: string) => {
        const link = join(temporaryFolder(), 'link');
        symlinkSync(next(folder), link);
        return link;
      },
    ],
  ])('takes no key away when MASTER_KEY_FILE %s', async (_what, fileOf) => {
    const folder = temporaryFolder();
    const before = async (app: App) => {
      await seal(app, 'openai');
      await rotateMasterKey(app);
    };
    await running(folder, before, { MASTER_KEY: KEY_A });
    const given = { MASTER_KEY_FILE: fileOf(folder) };
    for (let starts = 0; starts < 2; starts++)
      expect(await running(folder, opened, given)).toEqual({ openai: 'secret of openai' });
  });

  it('leaves one key that works when two processes rotate one after the other, sealed or not', async () => {
    const folder = temporaryFolder();
    await running(folder, async (one) => {
      await running(folder, async (other) => {
        for (const app of [one, other, one]) expect((await rotateMasterKey(app)).ok).toBe(true);
        await seal(one, 'openai');
        expect((await rotateMasterKey(other)).ok).toBe(true);
      });
    });
    await running(folder, async (app) => {
      const [inUse] = await app.db.read.select().from(masterKeyInUse);
      expect(inUse?.keyId).toBe(app.encryption.keyId);
      expect(await opened(app)).toEqual({ openai: 'secret of openai' });
    });
  });
});

describe('a master key that is lost for good', () => {
  it('costs the credentials sealed under it and no other, each with its audit entry', async () => {
    const folder = temporaryFolder();
    await running(folder, (app) => seal(app, 'openai', 'gemini'), { MASTER_KEY: KEY_A });
    const config = settings(folder, { MASTER_KEY: KEY_B });
    const db = openDatabase(join(folder, 'my-ai-keys.sqlite'));
    const parts = { config, db, log: createLogger(config), now: Date.now };
    expect(await forgetLostCredentials(parts, { really: false })).toEqual(['gemini', 'openai']);
    expect(await db.read.select().from(toolCredentials)).toHaveLength(2);
    const lost = await forgetLostCredentials(parts, { really: true });
    const entries = await db.read.select().from(auditEntries);
    await db.close();
    expect(lost).toEqual(['gemini', 'openai']);
    expect(entries.slice(-2).map(({ action }) => action)).toEqual([
      'credential.removed',
      'credential.removed',
    ]);
    expect(await running(folder, opened, { MASTER_KEY: KEY_B })).toEqual({});
  });

  it('forgets nothing that the present key can open', async () => {
    const folder = temporaryFolder();
    await running(folder, async (app) => {
      await seal(app, 'openai');
      expect(await forgetLostCredentials(app, { really: true })).toEqual([]);
      expect(await opened(app)).toEqual({ openai: 'secret of openai' });
    });
  });
});

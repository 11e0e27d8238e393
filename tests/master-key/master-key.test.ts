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
import { inArray } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import { MasterKeyError } from '~/master-key/master-key-files.server';
import { rotateMasterKey } from '~/master-key/master-key-rotation.server';
import type { App } from '~/server/create-app.server';
import { closeApp, createApp } from '~/server/create-app.server';
import { auditEntries, masterKeyInUse, toolCredentials, tools } from '~db/schema';
import { temporaryFolder } from '../helpers/app';
import { addCredential } from '../helpers/factories';

const KEY_A = Buffer.alloc(32, 1).toString('base64');
const OPENAI = { openai: 'secret of openai' };
const BOTH = { ...OPENAI, gemini: 'secret of gemini' };
const KEY_B = Buffer.alloc(32, 2).toString('hex');

type Settings = Record<string, string>;

let dataDir: string;
beforeEach(() => {
  dataDir = temporaryFolder();
});

const settings = (changes: Settings = {}) =>
  readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent', ...changes });

async function start(changes: Settings = {}): Promise<App> {
  const config = settings(changes);
  return await createApp(config, createLogger(config));
}

/** Starts a server for `work` and stops it afterwards. */
async function running<T>(work: (app: App) => Promise<T>, changes: Settings = {}): Promise<T> {
  const app = await start(changes);
  try {
    return await work(app);
  } finally {
    await closeApp(app);
  }
}

async function addCredentials(app: App, ...slugs: string[]): Promise<void> {
  const rows = await app.db.read.select().from(tools).where(inArray(tools.slug, slugs));
  for (const { id, slug } of rows) await addCredential(app, id, `secret of ${slug}`);
}

/** All credentials in plain text by slug. */
async function decryptedCredentials(app: App): Promise<Record<string, string>> {
  const rows = await app.db.read.select().from(toolCredentials);
  const names = new Map((await app.db.read.select().from(tools)).map(({ id, slug }) => [id, slug]));
  return Object.fromEntries(rows.map((row) => [names.get(row.toolId), app.encryption.open(row.toolId, row)]));
}

const keyFile = () => join(dataDir, 'master.key');
const nextKeyFile = () => join(dataDir, 'master.key.next');

describe('the master key of a new server', () => {
  it('is created once, readable by its owner only, and used by the next start', async () => {
    const first = await running(async (app) => app.encryption.keyId);
    const text = readFileSync(keyFile(), 'utf8');
    const second = await running(async (app) => app.encryption.keyId);
    expect(Buffer.from(text.trim(), 'base64')).toHaveLength(32);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(second).toBe(first);
    expect(readFileSync(keyFile(), 'utf8')).toBe(text);
  });

  it('is neither in the database nor in the log', async () => {
    const lines: string[] = [];
    const config = readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'trace' });
    const log = createLogger(config, { write: (line) => lines.push(line) });
    const app = await createApp(config, log);
    await addCredentials(app, 'openai');
    await closeApp(app);
    const text = readFileSync(keyFile(), 'utf8').trim();
    const database = readFileSync(join(dataDir, 'my-ai-keys.sqlite'));
    for (const form of [text, Buffer.from(text, 'base64'), 'secret of openai']) {
      expect(database.includes(form)).toBe(false);
    }
    expect(lines.join()).toContain('back it up');
    expect(lines.join()).not.toContain(text);
  });

  it('is not created if a setting provides one, in any encoding', async () => {
    const file = join(dataDir, 'provided');
    writeFileSync(file, `${Buffer.alloc(32, 1).toString('base64url')}\n`);
    const ids = new Set<string>();
    const settings: Settings[] = [
      { MASTER_KEY: KEY_A },
      { MASTER_KEY_FILE: file },
      { MASTER_KEY: '01'.repeat(32) },
    ];
    for (const setting of settings) ids.add(await running(async (app) => app.encryption.keyId, setting));
    expect(ids.size).toBe(1);
    expect(existsSync(keyFile())).toBe(false);
  });
});

describe('a start', () => {
  it('fails if MASTER_KEY is malformed, without printing its value', async () => {
    const bad = start({ MASTER_KEY: 'hunter2-hunter2' });
    await expect(bad).rejects.toThrow(MasterKeyError);
    await expect(bad).rejects.toThrow(/^MASTER_KEY must contain 32 bytes (?!.*hunter2)/);
  });

  it('fails if the file of MASTER_KEY_FILE does not exist', async () => {
    const file = join(dataDir, 'nowhere');
    await expect(start({ MASTER_KEY_FILE: file })).rejects.toThrow(/master key is missing.*nowhere/);
    expect(existsSync(file)).toBe(false);
  });

  it('fails and names the tools if their credentials were encrypted with another key', async () => {
    await running((app) => addCredentials(app, 'openai', 'gemini'), { MASTER_KEY: KEY_A });
    await expect(start({ MASTER_KEY: KEY_B })).rejects.toThrow(/MASTER_KEY .* gemini, openai:/);
    expect(await running(decryptedCredentials, { MASTER_KEY: KEY_A })).toEqual(BOTH);
  });

  it('fails and creates no new key if the key file is missing and there are credentials', async () => {
    await running((app) => addCredentials(app, 'mistral'));
    rmSync(keyFile());
    await expect(start()).rejects.toThrow(/master key is missing.*mistral/);
    expect(existsSync(keyFile())).toBe(false);
  });

  it('fails and names the tool if a stored credential was tampered with', async () => {
    await running(async (app) => {
      await addCredentials(app, 'openai', 'gemini');
      app.db.connections.write.exec(
        "update tool_credentials set sealed = zeroblob(40) where tool_id = (select id from tools where slug = 'gemini')",
      );
    });
    await expect(start()).rejects.toThrow(/credentials of gemini:/);
  });

  it('warns if other users of the machine can read the key', async () => {
    await running(async () => undefined);
    chmodSync(keyFile(), 0o644);
    const lines: string[] = [];
    const config = settings({ LOG_LEVEL: 'warn' });
    await closeApp(await createApp(config, createLogger(config, { write: (line) => lines.push(line) })));
    expect(lines.join()).toContain('other users of this machine can read');
  });
});

describe('rotating the master key', () => {
  it('re-encrypts all credentials, replaces the key file, and is recorded', async () => {
    await running(async (app) => {
      await addCredentials(app, 'openai', 'gemini');
      const before = { id: app.encryption.keyId, file: readFileSync(keyFile(), 'utf8') };
      const rows = await app.db.read.select().from(toolCredentials);
      const result = await rotateMasterKey(app);
      expect(result).toMatchObject({ ok: true, value: { credentials: 2, moveKeyFrom: null } });
      expect(app.encryption.keyId).not.toBe(before.id);
      expect(readFileSync(keyFile(), 'utf8')).not.toBe(before.file);
      expect(existsSync(nextKeyFile())).toBe(false);
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
    expect(await running(decryptedCredentials)).toEqual(BOTH);
  });

  it('is picked up by a running server', async () => {
    await running(async (server) => {
      await addCredentials(server, 'openai');
      await running((other) => rotateMasterKey(other));
      expect(await decryptedCredentials(server)).toEqual(OPENAI);
    });
  });

  it('loses nothing in a crash before the transaction commits', async () => {
    await running(async (app) => {
      await addCredentials(app, 'openai', 'gemini');
      // The last statement of the transaction fails, as on a full disk.
      app.db.connections.write.exec(
        "create temp trigger full before insert on audit_entries begin select raise(abort, 'disk full'); end",
      );
      await expect(rotateMasterKey(app)).rejects.toThrow();
      expect(existsSync(nextKeyFile())).toBe(true);
      expect(await decryptedCredentials(app)).toMatchObject({ openai: 'secret of openai' });
    });
    expect(Object.keys(await running(decryptedCredentials)).sort()).toEqual(['gemini', 'openai']);
    expect(existsSync(nextKeyFile())).toBe(false);
    await running(async (app) => expect((await rotateMasterKey(app)).ok).toBe(true));
  });

  it('loses nothing in a crash between the commit and the replacement of the key file', async () => {
    let oldKey = '';
    await running(async (app) => {
      await addCredentials(app, 'openai');
      oldKey = readFileSync(keyFile(), 'utf8');
      await rotateMasterKey(app);
    });
    // The state after such a crash.
    writeFileSync(nextKeyFile(), readFileSync(keyFile()), { mode: 0o600 });
    writeFileSync(keyFile(), oldKey);
    expect(await running(decryptedCredentials)).toEqual(OPENAI);
    expect(existsSync(nextKeyFile())).toBe(false);
    expect(readFileSync(keyFile(), 'utf8')).not.toBe(oldKey);
  });

  it('loses nothing in a crash while the new key is written', async () => {
    await running((app) => addCredentials(app, 'openai'));
    writeFileSync(nextKeyFile(), 'AAAA');
    expect(await running(decryptedCredentials)).toEqual(OPENAI);
  });

  it('leaves a key that the operator provides, and fails until the operator has replaced it', async () => {
    const oldSetting = { MASTER_KEY: KEY_A };
    await running(async (app) => {
      await addCredentials(app, 'openai');
      expect(await rotateMasterKey(app)).toMatchObject({ value: { moveKeyFrom: nextKeyFile() } });
      expect(await rotateMasterKey(app)).toMatchObject({ ok: false, reason: 'rotation-unfinished' });
    }, oldSetting);
    expect(await running(decryptedCredentials, oldSetting)).toEqual(OPENAI);
    const newSetting = { MASTER_KEY: readFileSync(nextKeyFile(), 'utf8').trim() };
    expect(await running(decryptedCredentials, newSetting)).toEqual(OPENAI);
    // No file next to the database contains the key.
    const copies = readdirSync(dataDir).filter((name) =>
      readFileSync(join(dataDir, name)).includes(newSetting.MASTER_KEY),
    );
    expect([readdirSync(dataDir).length > 0, copies]).toEqual([true, []]);
    await expect(start(oldSetting)).rejects.toThrow(/openai/);
  });

  it.each([
    ['names the next file itself', nextKeyFile],
    [
      'is a link to the next file',
      () => {
        const link = join(temporaryFolder(), 'link');
        symlinkSync(nextKeyFile(), link);
        return link;
      },
    ],
  ])('does not delete the key if MASTER_KEY_FILE %s', async (_what, fileOf) => {
    const rotate = async (app: App) => {
      await addCredentials(app, 'openai');
      await rotateMasterKey(app);
    };
    await running(rotate, { MASTER_KEY: KEY_A });
    const setting = { MASTER_KEY_FILE: fileOf() };
    for (let starts = 0; starts < 2; starts++)
      expect(await running(decryptedCredentials, setting)).toEqual(OPENAI);
  });

  it('leaves one working key if two processes rotate in turn, with or without credentials', async () => {
    await running(async (one) => {
      await running(async (other) => {
        for (const app of [one, other, one]) expect((await rotateMasterKey(app)).ok).toBe(true);
        await addCredentials(one, 'openai');
        expect((await rotateMasterKey(other)).ok).toBe(true);
      });
    });
    await running(async (app) => {
      const [inUse] = await app.db.read.select().from(masterKeyInUse);
      expect(inUse?.keyId).toBe(app.encryption.keyId);
      expect(await decryptedCredentials(app)).toEqual(OPENAI);
    });
  });
});

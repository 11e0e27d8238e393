import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readConfig } from '~/core/config.server';
import { temporaryFolder } from '../helpers/app';
import { requireProgram } from '../helpers/programs.mjs';
import { BUILT_SERVER } from '../helpers/server';
import { team } from '../helpers/team';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('the Caddyfile for TLS is valid', () => {
  const config = fileURLToPath(new URL('../../docs/deploy/Caddyfile', import.meta.url));
  const args = ['validate', '--adapter', 'caddyfile', '--config', config];
  const env = { ...process.env, DOMAIN: 'keys.example.com' };
  const { status, stdout, stderr } = spawnSync(requireProgram('caddy'), args, { encoding: 'utf8', env });
  expect([status, stdout.trim()], stderr).toEqual([0, 'Valid configuration']);
});

it('the settings in the deployment files are valid', () => {
  const named = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, name]) => String(name));
  const settings = [
    ...named(read('Dockerfile'), /\b([A-Z_]+)=\S+/g),
    ...named(read('compose.yaml'), /^ {6}([A-Z_]+): /gm),
    ...named(read('docs/deploy/my-ai-keys.service'), /^Environment=([A-Z_]+)=/gm),
    ...named(read('docs/deploy/my-ai-keys-backup.service'), /^Environment=([A-Z_]+)=/gm),
  ];
  const known = new Set(
    [...read('app/core/config.server.ts').matchAll(/^ {4}([A-Z][A-Z_]+): /gm)].map(([, name]) => name),
  );
  const ours = settings.filter((name) => !['NODE_ENV', 'DOMAIN'].includes(name));
  expect(ours.length).toBeGreaterThan(6);
  expect(ours.filter((name) => !known.has(name))).toEqual([]);
  const proxies = /TRUSTED_PROXIES: (\S+)/.exec(read('compose.yaml'))?.[1];
  expect(readConfig({ TRUSTED_PROXIES: proxies }).trustedProxies).toEqual([
    /subnet: (\S+)/.exec(read('compose.yaml'))?.[1],
  ]);
});

describe('the nightly backup of systemd', () => {
  const unit = read('docs/deploy/my-ai-keys-backup.service');
  /** The command of a line of the unit, as systemd would run it, on these folders. */
  const commandOf = (setting: string, backups: string) =>
    (new RegExp(`^${setting}=(.+)$`, 'm').exec(unit)?.[1] ?? 'exit 99')
      .replaceAll('$$', '$')
      .replaceAll('%%', '%')
      .replaceAll('/usr/local/bin/my-ai-keys', `"${process.execPath}" "${BUILT_SERVER}"`)
      .replaceAll('/var/backups/my-ai-keys', backups);
  const run = (command: string, DATA_DIR: string) =>
    spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8', env: { ...process.env, DATA_DIR } });

  it('creates the folder and one backup named by the time', async () => {
    const { app } = await team();
    const backups = join(temporaryFolder(), 'backups');
    for (const setting of ['ExecStartPre', 'ExecStart']) {
      const { status, stderr } = run(commandOf(setting, backups), app.config.dataDir);
      expect([setting, status, stderr]).toEqual([setting, 0, '']);
    }
    expect(statSync(backups).mode & 0o777).toBe(0o700);
    expect(readdirSync(backups)).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d-\d{4}\.sqlite$/)]);
  });

  it('removes only backups older than thirty days', () => {
    const backups = temporaryFolder();
    const days = (count: number) => Date.now() / 1000 - count * 86_400;
    for (const [name, age] of Object.entries({
      'old.sqlite': 32,
      'old.sqlite.a1.part': 32,
      'last.sqlite': 29,
      'notes.txt': 99,
    })) {
      writeFileSync(join(backups, name), '');
      utimesSync(join(backups, name), days(age), days(age));
    }
    expect(run(commandOf('ExecStartPost', backups), backups).status).toBe(0);
    expect(readdirSync(backups).sort()).toEqual(['last.sqlite', 'notes.txt']);
  });
});

describe('files that the deployment recipes create in a clone (master key, settings, backups)', () => {
  const made = ['master.key', 'master.key.next', '.env', 'backups/2026-11-22.sqlite', 'data/master.key'];

  it('are the ones that the recipes name', () => {
    expect(/file: \.\/(\S+)/.exec(read('compose.yaml'))?.[1]).toBe('master.key');
    expect(/- \.\/(\w+):\/backups/.exec(read('compose.yaml'))?.[1]).toBe('backups');
  });

  it('are ignored by git', () => {
    const folder = temporaryFolder();
    const git = (...args: string[]) => spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
    git('init', '--quiet');
    writeFileSync(join(folder, '.gitignore'), read('.gitignore'));
    const { stdout, stderr } = git('check-ignore', '--no-index', ...made, 'app/backups/new.server.ts');
    expect(stdout.trim().split('\n'), stderr).toEqual(made);
  });

  it('are not copied into the image', () => {
    const patterns = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(made.filter((path) => !patterns.some((pattern) => excludes(pattern, path)))).toEqual([]);
    expect(patterns.filter((pattern) => excludes(pattern, 'app/master-key/master-key.server.ts'))).toEqual(
      [],
    );
  });

  /** Docker's rule: a pattern starts at the root of the context and includes everything below. */
  function excludes(pattern: string, path: string): boolean {
    const source = pattern
      .replace(/[.+]/g, '\\$&')
      .replace(/\*\*\/|\*/g, (wild) => (wild === '*' ? '[^/]*' : '(?:.*/)?'));
    return new RegExp(`^${source}(?:/|$)`).test(path);
  }
});

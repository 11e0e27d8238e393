import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readConfig } from '~/config.server';
import { temporaryFolder } from '../helpers/app';
import { requireProgram } from '../helpers/programs.mjs';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('the Caddyfile for TLS in front of the server is one that Caddy takes', () => {
  const config = fileURLToPath(new URL('../../docs/deploy/Caddyfile', import.meta.url));
  const args = ['validate', '--adapter', 'caddyfile', '--config', config];
  const env = { ...process.env, DOMAIN: 'keys.example.com' };
  const { status, stdout, stderr } = spawnSync(requireProgram('caddy'), args, { encoding: 'utf8', env });
  expect([status, stdout.trim()], stderr).toEqual([0, 'Valid configuration']);
});

it('the settings in the files to deploy with are ones that the server understands', () => {
  const named = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, name]) => String(name));
  const settings = [
    ...named(read('Dockerfile'), /\b([A-Z_]+)=\S+/g),
    ...named(read('compose.yaml'), /^ {6}([A-Z_]+): /gm),
    ...named(read('docs/deploy/my-ai-keys.service'), /^Environment=([A-Z_]+)=/gm),
  ];
  const known = new Set(
    [...read('app/config.server.ts').matchAll(/^ {4}([A-Z][A-Z_]+): /gm)].map(([, name]) => name),
  );
  const ours = settings.filter((name) => !['NODE_ENV', 'DOMAIN'].includes(name));
  expect(ours.length).toBeGreaterThan(6);
  expect(ours.filter((name) => !known.has(name))).toEqual([]);
  const proxies = /TRUSTED_PROXIES: (\S+)/.exec(read('compose.yaml'))?.[1];
  expect(readConfig({ TRUSTED_PROXIES: proxies }).trustedProxies).toEqual([
    /subnet: (\S+)/.exec(read('compose.yaml'))?.[1],
  ]);
});

describe('what the recipes lay into a clone (the master key, settings, backups)', () => {
  const made = ['master.key', 'master.key.next', '.env', 'backups/2026-11-22.sqlite', 'data/master.key'];

  it('is what the recipes name', () => {
    expect(/file: \.\/(\S+)/.exec(read('compose.yaml'))?.[1]).toBe('master.key');
    expect(/- \.\/(\w+):\/backups/.exec(read('compose.yaml'))?.[1]).toBe('backups');
  });

  it('is left alone by `git add .`', () => {
    const folder = temporaryFolder();
    const git = (...args: string[]) => spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
    git('init', '--quiet');
    writeFileSync(join(folder, '.gitignore'), read('.gitignore'));
    const { stdout, stderr } = git('check-ignore', '--no-index', ...made, 'app/backups/new.server.ts');
    expect(stdout.trim().split('\n'), stderr).toEqual(made);
  });

  it('gets into no layer of the image', () => {
    const patterns = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(made.filter((path) => !patterns.some((pattern) => excludes(pattern, path)))).toEqual([]);
    expect(patterns.filter((pattern) => excludes(pattern, 'app/tools/master-key.server.ts'))).toEqual([]);
  });

  /** As Docker reads its patterns: from the root of the context, and whatever lies below goes along. */
  function excludes(pattern: string, path: string): boolean {
    const source = pattern
      .replace(/[.+]/g, '\\$&')
      .replace(/\*\*\/|\*/g, (wild) => (wild === '*' ? '[^/]*' : '(?:.*/)?'));
    return new RegExp(`^${source}(?:/|$)`).test(path);
  }
});

it('Caddy’s log has neither the key in a query nor the token of a one-time link, nor the page that a call came from', () => {
  const logged = /log \{[\s\S]*?\n\t\}/.exec(read('docs/deploy/Caddyfile'))?.[0] ?? '';
  for (const line of ['replace key REDACTED', 'replace token REDACTED', 'request>headers>Referer delete'])
    expect(logged).toContain(line);
});

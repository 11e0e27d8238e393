import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readConfig } from '~/config.server';
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

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { allowScripts?: unknown };

/** Licences of code that an MIT-licensed program may include. */
const COMPATIBLE = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'CC0-1.0',
  'BlueOak-1.0.0',
  'Unlicense',
  'Python-2.0',
  'WTFPL',
  'Zlib',
]);

interface LockedPackage {
  version: string;
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
  integrity?: string;
  resolved?: string;
}

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, LockedPackage>;
};

/** All packages of a production install, by path in node_modules. */
const production = Object.entries(lock.packages).filter(
  ([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional,
);

/** The licence in the package's manifest, or in the lock file if it isn't installed (other platforms). */
function licenceOf([path, locked]: [string, LockedPackage]): string {
  const manifest = join(ROOT, path, 'package.json');
  if (!existsSync(manifest)) return locked.license ?? 'none';
  const { license, licenses } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    license?: string | { type: string };
    licenses?: { type: string }[];
  };
  return (typeof license === 'object' ? license.type : license) ?? licenses?.[0]?.type ?? 'none';
}

/** `(MIT OR GPL-2.0)` needs one compatible side, `MIT AND ISC` both. */
function isCompatible(expression: string): boolean {
  return expression
    .replace(/[()]/g, '')
    .split(/\s+OR\s+/)
    .some((side) => side.split(/\s+AND\s+/).every((licence) => COMPATIBLE.has(licence)));
}

describe('production dependencies', () => {
  it('have compatible licences', () => {
    expect(production.length).toBeGreaterThan(20);
    const others = production
      .map((locked) => `${locked[0]}: ${licenceOf(locked)}`)
      .filter((line) => !isCompatible(line.slice(line.indexOf(': ') + 2)));
    expect(others).toEqual([]);
  });

  it('are pinned to one version with a checksum', () => {
    const loose = production.filter(
      ([, { version, integrity }]) => !/^\d+\.\d+\.\d+/.test(version) || !integrity?.startsWith('sha512-'),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('come from a registry, not from a repository or a file', () => {
    const elsewhere = production.filter(
      ([, { resolved }]) => resolved !== undefined && !/^https:\/\/[^/]+\/.+\.tgz$/.test(resolved),
    );
    expect(elsewhere.map(([path]) => path)).toEqual([]);
  });

  it('run no install scripts, except the database driver’s, which fetches or builds its native part', () => {
    const scripts = production.filter(
      ([, locked]) => (locked as { hasInstallScript?: boolean }).hasInstallScript,
    );
    expect(scripts.map(([path]) => path)).toEqual(['node_modules/better-sqlite3']);
    // Newer npm versions run only the scripts listed here.
    expect(manifest.allowScripts).toEqual({ 'better-sqlite3': true });
  });
});

describe('isCompatible', () => {
  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0)', true],
    ['MIT AND ISC', true],
    ['MIT AND GPL-3.0', false],
    ['GPL-3.0', false],
    ['SEE LICENSE IN LICENSE.md', false],
    ['none', false],
  ])('%s: %s', (expression, compatible) => {
    expect(isCompatible(expression)).toBe(compatible);
  });
});

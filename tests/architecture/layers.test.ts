import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Import, importsOf, readImports } from './imports';
import { cycles, layerOf, upwardImports } from './layers';

const imports = readImports();
const folderOf = (file: string) => posix.dirname(file);
const itself = (file: string) => file;

describe('the layers of app/ and db/', () => {
  it('cover every file', () => {
    const files = [...new Set(imports.flatMap(({ from, to }) => [from, to]))];
    expect(files.length).toBeGreaterThan(250);
    expect(files.filter((file) => layerOf(file) === null)).toEqual([]);
  });

  it('have no import that points up, type-only imports included', () => {
    expect(upwardImports(imports)).toEqual([]);
  });

  it('have no folders that import each other', () => {
    expect(cycles(imports, folderOf)).toEqual([]);
  });

  it('have no files that import each other', () => {
    expect(cycles(imports, itself)).toEqual([]);
  });
});

describe('the check of layers', () => {
  const known = new Set(['app/core/ids.server.ts', 'app/keys/keys.schema.ts', 'app/users/users.server.ts']);
  const read = (file: string, text: string) => importsOf(file, text, known);

  it.each([
    ["import { keyId } from '~/keys/keys.schema';", 'a static import'],
    ["import type { KeyView } from '../keys/keys.schema';", 'a type-only import'],
    ["export * from '~/keys/keys.schema';", 're-export'],
    ["type Keys = typeof import('~/keys/keys.schema');", 'an import type'],
    ["const load = () => import('~/keys/keys.schema');", 'a dynamic import'],
  ])('finds %s (%s) that points up', (line) => {
    expect(upwardImports(read('app/core/ids.server.ts', line))).toEqual([
      'app/core/ids.server.ts → app/keys/keys.schema.ts',
    ]);
  });

  it('finds two folders that import each other, and three in a circle', () => {
    const edge = (from: string, to: string): Import => ({ from: `app/${from}/x.ts`, to: `app/${to}/y.ts` });
    expect(cycles([edge('users', 'tools'), edge('tools', 'users')], folderOf)).toEqual([
      ['app/tools', 'app/users'],
    ]);
    const circle = [edge('keys', 'auth'), edge('auth', 'gateway'), edge('gateway', 'keys')];
    expect(cycles(circle, folderOf)).toEqual([['app/auth', 'app/gateway', 'app/keys']]);
    expect(cycles([edge('keys', 'auth'), edge('auth', 'gateway')], folderOf)).toEqual([]);
  });
});

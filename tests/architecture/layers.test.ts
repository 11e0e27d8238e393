import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Import, importsOf, readImports } from './imports';
import { cycles, layerOf, restrictedImports, upwardImports } from './layers';

const { files, packages } = readImports();
const folderOf = (file: string) => posix.dirname(file);
const sameFile = (file: string) => file;

describe('the imports of app/ and db/', () => {
  it('come from files that all belong to a layer', () => {
    const paths = [...new Set(files.flatMap(({ from, to }) => [from, to]))];
    expect(paths.length).toBeGreaterThan(250);
    expect(paths.filter((path) => layerOf(path) === null)).toEqual([]);
  });

  it('never point to a higher layer, type-only imports included', () => {
    expect(upwardImports(files)).toEqual([]);
  });

  it('form no cycle of folders', () => {
    expect(cycles(files, folderOf)).toEqual([]);
  });

  it('form no cycle of files', () => {
    expect(cycles(files, sameFile)).toEqual([]);
  });

  it('use the database driver, React, Remix and tRPC only where the table allows it', () => {
    expect(restrictedImports([...files, ...packages])).toEqual([]);
  });
});

describe('the import checks', () => {
  const known = new Set([
    'app/core/ids.server.ts',
    'app/keys/keys.schema.ts',
    'db/sqlite/connection.server.ts',
  ]);
  const read = (file: string, text: string) => importsOf(file, text, known);

  it.each([
    ["import { keyId } from '~/keys/keys.schema';", 'a static import'],
    ["import type { KeyView } from '../keys/keys.schema';", 'a type-only import'],
    ["export * from '~/keys/keys.schema';", 'a re-export'],
    ["type Keys = typeof import('~/keys/keys.schema');", 'an import type'],
    ["const load = () => import('~/keys/keys.schema');", 'a dynamic import'],
  ])('find an upward import: %s (%s)', (line) => {
    expect(upwardImports(read('app/core/ids.server.ts', line).files)).toEqual([
      'app/core/ids.server.ts → app/keys/keys.schema.ts',
    ]);
  });

  it('find cycles of two and of three folders', () => {
    const edge = (from: string, to: string): Import => ({ from: `app/${from}/x.ts`, to: `app/${to}/y.ts` });
    expect(cycles([edge('users', 'tools'), edge('tools', 'users')], folderOf)).toEqual([
      ['app/tools', 'app/users'],
    ]);
    const circle = [edge('keys', 'auth'), edge('auth', 'gateway'), edge('gateway', 'keys')];
    expect(cycles(circle, folderOf)).toEqual([['app/auth', 'app/gateway', 'app/keys']]);
    expect(cycles([edge('keys', 'auth'), edge('auth', 'gateway')], folderOf)).toEqual([]);
  });

  it.each([
    ['app/users/x.ts', "import Sqlite from 'better-sqlite3';"],
    ['app/keys/x.ts', "import type { SqliteDatabase } from '~db/sqlite/connection.server';"],
    ['app/gateway/x.ts', "import { useState } from 'react';"],
    ['app/gateway/x.ts', "import { redirect } from '@remix-run/node';"],
    ['app/gateway/x.ts', "import { TRPCError } from '@trpc/server';"],
  ])('find a restricted import in %s: %s', (file, line) => {
    const { files, packages } = read(file, line);
    expect(restrictedImports([...files, ...packages])).toHaveLength(1);
  });
});

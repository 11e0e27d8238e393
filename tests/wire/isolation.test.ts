import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const IMPORT = /^(?:import|export)\s+(?!type\s)[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'/gms;

/** What a file of the wire imports at run time, types left out. */
function imports(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
}

const files = readdirSync(join(ROOT, 'app/wire'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(ROOT, 'app/wire', name));

test('the wire is made of the database, keys, and little else; of no React, Remix or tRPC', () => {
  const outside = new Set<string>();
  for (const file of files) {
    for (const name of imports(file)) {
      if (name.startsWith('.'))
        expect(relative(join(ROOT, 'app/wire'), resolve(dirname(file), name))).not.toMatch(/^\.\./);
      else outside.add(name);
    }
  }
  expect([...outside].filter((name) => !name.startsWith('node:')).sort()).toEqual([
    'drizzle-orm',
    'undici',
    'zod',
    '~/audit/audit.server',
    '~/components/time-format',
    '~/http/client-address.server',
    '~/keys/raw-key.server',
    '~db/schema',
  ]);
});

test('no file of the wire is longer than 200 lines', () => {
  const long = files.filter((file) => readFileSync(file, 'utf8').trimEnd().split('\n').length > 200);
  expect(long).toEqual([]);
});

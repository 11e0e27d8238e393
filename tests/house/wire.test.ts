import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const WIRE = fileURLToPath(new URL('../../app/wire', import.meta.url));

it('the wire knows no React, no Remix, no tRPC and no page', () => {
  const imports = readdirSync(WIRE, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .flatMap((name) =>
      [...readFileSync(`${WIRE}/${name}`, 'utf8').matchAll(/^(?:import|export) [^;]*?from '([^']+)'/gm)].map(
        ([, from]) => ({ name, from: String(from) }),
      ),
    );
  expect(imports.length).toBeGreaterThan(60);
  const forbidden = /^(react|@remix-run|@trpc)\b|^~\/(trpc|routes)\/|\.tsx$/;
  expect(imports.filter(({ from }) => forbidden.test(from))).toEqual([]);
});

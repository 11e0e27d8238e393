import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const APP = fileURLToPath(new URL('../../app', import.meta.url));

it('pages use useStickyActionData: Remix forgets useActionData when a live page revalidates', () => {
  const components = readdirSync(APP, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.tsx'),
  );
  expect(components.length).toBeGreaterThan(50);
  const users = components.filter((name) => /\buseActionData\b/.test(readFileSync(`${APP}/${name}`, 'utf8')));
  expect(users).toEqual(['ui/form.tsx']);
});

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const APP = fileURLToPath(new URL('../../app', import.meta.url));
const sources = readdirSync(APP, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.tsx'))
  .map((name) => ({ name, text: readFileSync(`${APP}/${name}`, 'utf8') }));

it('no page asks Remix for its action data, which a live page forgets while it is being read: useAnswer keeps it', () => {
  expect(sources.length).toBeGreaterThan(50);
  const asking = sources.filter(({ text }) => text.includes('useActionData'));
  expect(asking.map(({ name }) => name)).toEqual(['ui/form.tsx']);
});

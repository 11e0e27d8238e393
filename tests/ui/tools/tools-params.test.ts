import { expect, it } from 'vitest';
import type { ToolView } from '~/tools/tools.schema';
import { sortTools } from '~/ui/tools/tools-params';

const tool = (slug: string, liveKeys: number, createdAt: number) =>
  ({ slug, liveKeys, createdAt }) as ToolView;

it.each([
  [null, ['alpha', 'beta', 'gamma']],
  ['unheard-of', ['alpha', 'beta', 'gamma']],
  ['keys', ['beta', 'alpha', 'gamma']],
  ['newest', ['gamma', 'alpha', 'beta']],
])('the catalogue in the order %s stays by name where that says nothing', (order, slugs) => {
  const byName = [tool('alpha', 1, 5), tool('beta', 7, 5), tool('gamma', 1, 9)];
  expect(sortTools(byName, order).map(({ slug }) => slug)).toEqual(slugs);
});

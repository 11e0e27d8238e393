import { expect, it } from 'vitest';
import { renderClientsDoc } from './clients-doc';

it('docs/clients.md shows the current snippets (`npx vitest -u` regenerates it)', async () => {
  await expect(renderClientsDoc()).toMatchFileSnapshot('../../docs/clients.md');
});

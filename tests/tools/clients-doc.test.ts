import { expect, it } from 'vitest';
import { renderClientsDoc } from './clients-doc';

it('docs/clients.md is what the source of the reveal renders (`npx vitest -u` writes it anew)', async () => {
  await expect(renderClientsDoc()).toMatchFileSnapshot('../../docs/clients.md');
});

import { inDrawer, type View, viewsOf } from '../gallery';

const ada = viewsOf('ada', 'admin/ai/tools');
const confirm = viewsOf('ada', 'admin');

/** The tool catalogue. */
export const toolViews: View[] = [
  ada('tools', 'tools.tsx', '/admin/ai/tools', 'Tools'),
  ada('tools-no-match', 'tools.tsx', '/admin/ai/tools?q=zzz', 'Tools'),
  ada('tool-add', 'save-tool.tsx', '/admin/ai/tools/new', 'Add a tool'),
  ada('tool-add-preset', 'save-tool.tsx', '/admin/ai/tools/new?preset=azure-openai', 'Add Azure OpenAI'),
  ada('tool-add-refused', 'save-tool.tsx', '/admin/ai/tools/new?preset=custom', 'Add a custom tool', {
    async steps(page) {
      await inDrawer(page).getByRole('button', { name: 'Add tool' }).click();
      await inDrawer(page).getByRole('alert').waitFor();
    },
  }),
  ada('tool', 'tool.tsx', '/admin/ai/tools/openai', 'OpenAI'),
  ada('tool-edit', 'save-tool.tsx', '/admin/ai/tools/mistral/edit', 'Edit Mistral', {
    async steps(page) {
      await inDrawer(page).getByText('Limits and transport').click();
    },
  }),
  ada(
    'tool-credential',
    'set-credential.tsx',
    '/admin/ai/tools/openai/credential',
    'Replace the credential of OpenAI',
  ),
  confirm(
    'tool-credential-remove',
    'confirm-action.tsx',
    '/admin/ai/tools/openai/credential/remove',
    'Remove the credential of OpenAI?',
  ),
  confirm('tool-archive', 'confirm-action.tsx', '/admin/ai/tools/openai/archive', 'Archive OpenAI?'),
];

import { inDrawer, type View } from '../gallery';

/** The tool catalogue. */
export const toolViews: View[] = [
  {
    name: 'tools',
    route: 'admin/ai/tools/tools.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools',
    heading: 'Tools',
  },
  {
    name: 'tools-no-match',
    route: 'admin/ai/tools/tools.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools?q=zzz',
    heading: 'Tools',
  },
  {
    name: 'tool-add',
    route: 'admin/ai/tools/save-tool.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/new',
    heading: 'Add a tool',
  },
  {
    name: 'tool-add-preset',
    route: 'admin/ai/tools/save-tool.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/new?preset=azure-openai',
    heading: 'Add Azure OpenAI',
  },
  {
    name: 'tool-add-refused',
    route: 'admin/ai/tools/save-tool.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/new?preset=custom',
    heading: 'Add a custom tool',
    async steps(page) {
      await inDrawer(page).getByRole('button', { name: 'Add tool' }).click();
      await inDrawer(page).getByRole('alert').waitFor();
    },
  },
  {
    name: 'tool',
    route: 'admin/ai/tools/tool.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai',
    heading: 'OpenAI',
  },
  {
    name: 'tool-edit',
    route: 'admin/ai/tools/save-tool.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/mistral/edit',
    heading: 'Edit Mistral',
    async steps(page) {
      await inDrawer(page).getByText('Limits and transport').click();
    },
  },
  {
    name: 'tool-credential',
    route: 'admin/ai/tools/set-credential.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai/credential',
    heading: 'Replace the credential of OpenAI',
  },
  {
    name: 'tool-credential-remove',
    route: 'admin/ai/tools/remove-credential.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai/credential/remove',
    heading: 'Remove the credential of OpenAI?',
  },
  {
    name: 'tool-archive',
    route: 'admin/ai/tools/archive-tool.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai/archive',
    heading: 'Archive OpenAI?',
  },
];

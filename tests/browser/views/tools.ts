import { inDrawer, type View } from '../gallery';

/** The catalogue. */
export const toolViews: View[] = [
  {
    name: 'tools',
    route: '_app.admin.ai.tools.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools',
    heading: 'Tools',
  },
  {
    name: 'tools-no-match',
    route: '_app.admin.ai.tools.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools?q=zzz',
    heading: 'Tools',
  },
  {
    name: 'tool-add',
    route: '_app.admin.ai.tools.new.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/new',
    heading: 'Add a tool',
  },
  {
    name: 'tool-add-preset',
    route: '_app.admin.ai.tools.new.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/new?preset=azure-openai',
    heading: 'Add Azure OpenAI',
  },
  {
    name: 'tool-add-refused',
    route: '_app.admin.ai.tools.new.tsx',
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
    route: '_app.admin.ai.tools.$tool.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai',
    heading: 'OpenAI',
  },
  {
    name: 'tool-edit',
    route: '_app.admin.ai.tools.$tool_.edit.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/mistral/edit',
    heading: 'Edit Mistral',
    async steps(page) {
      await inDrawer(page).getByText('Limits and transport').click();
    },
  },
  {
    name: 'tool-credential',
    route: '_app.admin.ai.tools.$tool_.credential.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai/credential',
    heading: 'Replace the credential of OpenAI',
  },
  {
    name: 'tool-credential-remove',
    route: '_app.admin.ai.tools.$tool_.credential_.remove.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai/credential/remove',
    heading: 'Remove the credential of OpenAI?',
  },
  {
    name: 'tool-archive',
    route: '_app.admin.ai.tools.$tool_.archive.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai/archive',
    heading: 'Archive OpenAI?',
  },
];

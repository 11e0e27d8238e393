import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { Plus } from 'lucide-react';
import { load } from '~/api/call-from-route.server';
import { toolStates } from '~/tools/tools.schema';
import { DialogLinkButton } from '~/ui/button';
import { ListPage } from '~/ui/list-page';
import { readChoice, readSearch } from '~/ui/list-state';
import { ToolTable } from '~/ui/tools/tool-table';
import { TOOL_ORDERS, TOOLS } from '~/ui/tools/tools-params';

export const meta: MetaFunction = () => [{ title: 'Tools · My AI Keys' }];

export function loader(args: LoaderFunctionArgs) {
  const { searchParams } = new URL(args.request.url);
  const state = readChoice(searchParams, 'show', toolStates);
  return load(args, (api) => api.tools.list({ query: readSearch(searchParams), state }));
}

export default function Tools() {
  const tools = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  return (
    <ListPage
      title="Tools"
      intro="The AI tools members can request keys for, and the provider credentials this server uses."
      list={TOOLS}
      rows={tools}
      nouns={['tool', 'tools']}
      searchedIn="name or slug"
      filters={[
        { label: 'All', value: '' },
        { label: 'Live', value: 'live' },
        { label: 'Archived', value: 'archived' },
      ]}
      orders={TOOL_ORDERS}
      addButton={
        <DialogLinkButton to={`${TOOLS.path}/new`} fields={TOOLS.fields(params)} variant="primary">
          <Plus aria-hidden className="size-4" />
          Add tool
        </DialogLinkButton>
      }
      purpose="Members request keys for the tools listed here."
      table={(rows) => <ToolTable tools={rows} />}
    />
  );
}

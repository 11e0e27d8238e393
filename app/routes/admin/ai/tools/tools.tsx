import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Outlet, useLoaderData, useSearchParams } from '@remix-run/react';
import { Plus } from 'lucide-react';
import { load } from '~/api/call-from-route.server';
import { toolStates } from '~/tools/tools.schema';
import { DialogLinkButton, LinkButton } from '~/ui/button';
import { readChoice, readSearch, sortRows } from '~/ui/list-state';
import { counted, ListToolbar } from '~/ui/list-toolbar';
import { EmptyState, PageHeader, Panel } from '~/ui/page';
import { ToolTable } from '~/ui/tools/tool-table';
import { TOOL_ORDERS, TOOLS } from '~/ui/tools/tools-params';

export const meta: MetaFunction = () => [{ title: 'Tools · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const { searchParams } = new URL(args.request.url);
  return {
    tools: await load(args, (api) =>
      api.tools.list({
        query: readSearch(searchParams),
        state: readChoice(searchParams, 'show', toolStates),
      }),
    ),
  };
}

export default function Tools() {
  const { tools } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  return (
    <>
      <PageHeader
        title="Tools"
        actions={
          <DialogLinkButton to={`${TOOLS.path}/new`} fields={TOOLS.fields(params)} variant="primary">
            <Plus aria-hidden className="size-4" />
            Add tool
          </DialogLinkButton>
        }
      >
        The AI tools members can request keys for, and the provider credentials this server uses.
      </PageHeader>
      <ListToolbar
        list={TOOLS}
        searchLabel="Search tools"
        placeholder="Search by name or slug"
        chips={{
          param: 'show',
          label: 'Show tools',
          options: [
            { label: 'All', value: '' },
            { label: 'Live', value: 'live' },
            { label: 'Archived', value: 'archived' },
          ],
        }}
        sort={{ options: TOOL_ORDERS }}
        count={counted(tools.length, 'tool')}
      />
      <Panel className="overflow-clip">
        {tools.length > 0 ? (
          <ToolTable tools={sortRows(tools, TOOL_ORDERS, params)} />
        ) : (
          <NoTools isFiltered={TOOLS.isFiltered(params)} />
        )}
      </Panel>
      <Outlet />
    </>
  );
}

function NoTools({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState title="No tool matches" action={<LinkButton to={TOOLS.path}>Clear filters</LinkButton>}>
      Search covers names and slugs.
    </EmptyState>
  ) : (
    <EmptyState
      title="No tools yet"
      action={<DialogLinkButton to={`${TOOLS.path}/new`}>Add tool</DialogLinkButton>}
    >
      Members request keys for the tools listed here.
    </EmptyState>
  );
}

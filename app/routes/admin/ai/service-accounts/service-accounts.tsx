import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Outlet, useLoaderData, useSearchParams } from '@remix-run/react';
import { Plus } from 'lucide-react';
import { load } from '~/api/call-from-route.server';
import { serviceAccountStates } from '~/service-accounts/service-accounts.schema';
import { DialogLinkButton, LinkButton } from '~/ui/button';
import { readSearch, sortRows } from '~/ui/list-state';
import { counted, ListToolbar } from '~/ui/list-toolbar';
import { EmptyState, PageHeader, Panel } from '~/ui/page';
import { ServiceAccountTable } from '~/ui/service-accounts/service-account-table';
import { ACCOUNT_ORDERS, SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';

export const meta: MetaFunction = () => [{ title: 'Service accounts · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const { searchParams } = new URL(args.request.url);
  const state = serviceAccountStates.find((value) => value === searchParams.get('show'));
  const query = readSearch(searchParams);
  const accounts = await load(args, (api) => api.serviceAccounts.list({ query, state }));
  return { accounts, now: args.context.trpc.app.now() };
}

export default function ServiceAccounts() {
  const { accounts, now } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const filtered = SERVICE_ACCOUNTS.isFiltered(params);
  return (
    <>
      <PageHeader
        title="Service accounts"
        actions={
          <DialogLinkButton to="/admin/ai/service-accounts/new" fields={[...params]} variant="primary">
            <Plus aria-hidden className="size-4" />
            New service account
          </DialogLinkButton>
        }
      >
        Production workloads with keys of their own, which go on working whoever leaves.
      </PageHeader>
      <ListToolbar
        list={SERVICE_ACCOUNTS}
        searchLabel="Search service accounts"
        placeholder="Search by name or purpose"
        chips={{
          param: 'show',
          label: 'Show service accounts',
          options: [
            { label: 'All', value: '' },
            { label: 'Enabled', value: 'enabled' },
            { label: 'Disabled', value: 'disabled' },
          ],
        }}
        sort={{ options: ACCOUNT_ORDERS }}
        count={counted(accounts.length, 'service account')}
      />
      <Panel className="overflow-clip">
        {accounts.length > 0 ? (
          <ServiceAccountTable accounts={sortRows(accounts, ACCOUNT_ORDERS, params)} now={now} />
        ) : filtered ? (
          <EmptyState
            title="No service account matches"
            action={<LinkButton to="/admin/ai/service-accounts">Clear filters</LinkButton>}
          >
            Search looks at names and purposes.
          </EmptyState>
        ) : (
          <EmptyState
            title="There are no service accounts yet"
            action={
              <DialogLinkButton to="/admin/ai/service-accounts/new">New service account</DialogLinkButton>
            }
          >
            A deploy pipeline, a bot or a nightly job gets an identity of its own here, apart from any person,
            and keys that outlast whoever set it up.
          </EmptyState>
        )}
      </Panel>
      <Outlet />
    </>
  );
}

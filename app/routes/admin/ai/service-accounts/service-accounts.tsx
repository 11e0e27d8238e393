import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Outlet, useLoaderData, useSearchParams } from '@remix-run/react';
import { Plus } from 'lucide-react';
import { load } from '~/api/call-from-route.server';
import { serviceAccountStates } from '~/service-accounts/service-accounts.schema';
import { DialogLinkButton, LinkButton } from '~/ui/button';
import { readChoice, readSearch, sortRows } from '~/ui/list-state';
import { counted, ListToolbar } from '~/ui/list-toolbar';
import { EmptyState, PageHeader, Panel } from '~/ui/page';
import { ServiceAccountTable } from '~/ui/service-accounts/service-account-table';
import { ACCOUNT_ORDERS, SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';

export const meta: MetaFunction = () => [{ title: 'Service accounts · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const { searchParams } = new URL(args.request.url);
  const state = readChoice(searchParams, 'show', serviceAccountStates);
  const accounts = await load(args, (api) =>
    api.serviceAccounts.list({ query: readSearch(searchParams), state }),
  );
  return { accounts, now: args.context.trpc.app.now() };
}

export default function ServiceAccounts() {
  const { accounts, now } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  return (
    <>
      <PageHeader
        title="Service accounts"
        actions={
          <DialogLinkButton
            to={`${SERVICE_ACCOUNTS.path}/new`}
            fields={SERVICE_ACCOUNTS.fields(params)}
            variant="primary"
          >
            <Plus aria-hidden className="size-4" />
            New service account
          </DialogLinkButton>
        }
      >
        Keys for apps and pipelines that don’t belong to one person.
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
        ) : (
          <NoServiceAccounts isFiltered={SERVICE_ACCOUNTS.isFiltered(params)} />
        )}
      </Panel>
      <Outlet />
    </>
  );
}

function NoServiceAccounts({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState
      title="No service account matches"
      action={<LinkButton to={SERVICE_ACCOUNTS.path}>Clear filters</LinkButton>}
    >
      Search covers names and purposes.
    </EmptyState>
  ) : (
    <EmptyState
      title="No service accounts yet"
      action={<DialogLinkButton to={`${SERVICE_ACCOUNTS.path}/new`}>New service account</DialogLinkButton>}
    >
      Give a deploy pipeline, bot or nightly job its own identity. Its keys keep working when people leave.
    </EmptyState>
  );
}

import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { Plus } from 'lucide-react';
import { load } from '~/api/call-from-route.server';
import { serviceAccountStates } from '~/service-accounts/service-accounts.schema';
import { DialogLinkButton } from '~/ui/button';
import { ListPage } from '~/ui/list-page';
import { readChoice, readSearch } from '~/ui/list-state';
import { ServiceAccountTable } from '~/ui/service-accounts/service-account-table';
import { ACCOUNT_ORDERS, SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';

export const meta: MetaFunction = () => [{ title: 'Service accounts · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const { searchParams } = new URL(args.request.url);
  const state = readChoice(searchParams, 'show', serviceAccountStates);
  const query = readSearch(searchParams);
  const accounts = await load(args, (api) => api.serviceAccounts.list({ query, state }));
  return { accounts, now: args.context.trpc.app.now() };
}

export default function ServiceAccounts() {
  const { accounts, now } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  return (
    <ListPage
      title="Service accounts"
      intro="Keys for apps and pipelines that don’t belong to one person."
      list={SERVICE_ACCOUNTS}
      rows={accounts}
      nouns={['service account', 'service accounts']}
      searchedIn="name or purpose"
      filters={[
        { label: 'All', value: '' },
        { label: 'Enabled', value: 'enabled' },
        { label: 'Disabled', value: 'disabled' },
      ]}
      orders={ACCOUNT_ORDERS}
      addButton={
        <DialogLinkButton
          to={`${SERVICE_ACCOUNTS.path}/new`}
          fields={SERVICE_ACCOUNTS.fields(params)}
          variant="primary"
        >
          <Plus aria-hidden className="size-4" />
          New service account
        </DialogLinkButton>
      }
      purpose="Give a deploy pipeline, bot or nightly job its own identity. Its keys keep working when people leave."
      table={(rows) => <ServiceAccountTable accounts={rows} now={now} />}
    />
  );
}

import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Outlet, useLoaderData, useSearchParams } from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { PARTIAL_RAW_KEY_PATTERN, RAW_KEY_IN_SEARCH } from '~/keys/raw-key-patterns';
import { BulkForm } from '~/ui/bulk-form';
import { Button, DialogLinkButton, LinkButton } from '~/ui/button';
import { ALL_KEYS } from '~/ui/keys/all-keys-params';
import { AllKeysTable } from '~/ui/keys/all-keys-table';
import { readAllKeysParams } from '~/ui/keys/read-all-keys-params.server';
import { counted, ListToolbar } from '~/ui/list-toolbar';
import { NoMatch } from '~/ui/no-match';
import { Notice } from '~/ui/notice';
import { EmptyState, PageHeader, Panel } from '~/ui/page';
import { Pager } from '~/ui/pager';

export const meta: MetaFunction = () => [{ title: 'All keys · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const { input, problem } = readAllKeysParams(new URL(args.request.url).searchParams);
  const page = await load(args, (api) => api.keys.register(input));
  return { page, problem, now: args.context.trpc.app.now() };
}

const BULK_FORM = 'revoke-keys';

export default function Keys() {
  const { page, problem, now } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const filters = ALL_KEYS.fields(params);
  const active = page.keys.filter(({ status }) => status === 'ACTIVE').length;
  return (
    <>
      <PageHeader
        title="All keys"
        actions={
          <DialogLinkButton to="/admin/ai/keys/look-up" fields={filters}>
            Look up a leaked key
          </DialogLinkButton>
        }
      >
        Every key in the organisation. A revoked key stops working immediately.
      </PageHeader>
      {problem ? (
        <div className="mb-4">
          <Notice tone="problem">{problem}</Notice>
        </div>
      ) : null}
      <ListToolbar
        list={ALL_KEYS}
        searchLabel="Search keys"
        placeholder="Search by holder, tool or prefix"
        forbidden={{ pattern: PARTIAL_RAW_KEY_PATTERN, message: RAW_KEY_IN_SEARCH }}
        chips={{
          param: 'status',
          label: 'Status',
          options: [
            { label: 'All', value: '' },
            { label: 'Live', value: 'live' },
            { label: 'Active', value: 'ACTIVE' },
            { label: 'Pending', value: 'PENDING' },
            { label: 'Rejected', value: 'REJECTED' },
            { label: 'Revoked', value: 'REVOKED' },
          ],
        }}
        sort={{
          options: [
            { label: 'Newest first', value: '' },
            { label: 'Oldest first', value: 'oldest' },
          ],
        }}
        count={page.countIsWhole ? counted(page.count, 'key') : `more than ${counted(page.count, 'key')}`}
      />
      <Panel>
        {page.keys.length > 0 ? (
          <AllKeysTable keys={page.keys} now={now} bulkForm={BULK_FORM} filters={filters} />
        ) : (
          <NoKeys isFiltered={ALL_KEYS.isFiltered(params)} />
        )}
      </Panel>
      {active > 1 ? (
        <BulkForm
          id={BULK_FORM}
          list={ALL_KEYS}
          label="Selected keys:"
          method="get"
          action="/admin/ai/keys/revoke"
        >
          <Button>Revoke selected</Button>
        </BulkForm>
      ) : null}
      <Pager
        label="Pages of the list of keys"
        {...ALL_KEYS.pageHrefs(params, page)}
        labels={params.get('sort') === 'oldest' ? ['Oldest', 'Older', 'Newer'] : undefined}
      />
      <Outlet />
    </>
  );
}

function NoKeys({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <NoMatch list={ALL_KEYS} title="No key matches" />
  ) : (
    <EmptyState title="No keys yet" action={<LinkButton to="/me/ai-keys">Request a key</LinkButton>}>
      Keys that members request appear here, in every status.
    </EmptyState>
  );
}

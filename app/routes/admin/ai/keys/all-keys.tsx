import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, Outlet, useLoaderData, useSearchParams } from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { PARTIAL_RAW_KEY_PATTERN, RAW_KEY_IN_SEARCH } from '~/keys/raw-key-patterns';
import { Button, DialogLinkButton, LinkButton } from '~/ui/button';
import { ALL_KEYS } from '~/ui/keys/all-keys-params';
import { AllKeysTable } from '~/ui/keys/all-keys-table';
import { readAllKeysParams } from '~/ui/keys/read-all-keys-params.server';
import { counted, ListToolbar } from '~/ui/list-toolbar';
import { Notice } from '~/ui/notice';
import { EmptyState, PageHeader, Panel } from '~/ui/page';
import { Pager } from '~/ui/pager';

export const meta: MetaFunction = () => [{ title: 'All keys · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const { input, problem } = readAllKeysParams(new URL(args.request.url).searchParams);
  const page = await load(args, (api) => api.keys.register(input));
  return { page, problem, now: args.context.trpc.app.now() };
}

const BULK_FORM = 'revoke-several';

export default function Keys() {
  const { page, problem, now } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const filters = ALL_KEYS.fields(params);
  const narrowed = ALL_KEYS.isFiltered(params);
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
        Every key in the organisation, whoever holds it. Revoking one stops it at once.
      </PageHeader>
      <div className="mb-4 grid gap-2 empty:hidden">
        {problem ? <Notice tone="problem">{problem}</Notice> : null}
      </div>
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
        ) : narrowed ? (
          <EmptyState
            title="No key matches"
            action={<LinkButton to="/admin/ai/keys">Clear filters</LinkButton>}
          />
        ) : (
          <EmptyState
            title="There are no keys yet"
            action={<LinkButton to="/me/ai-keys">Request the first one</LinkButton>}
          >
            Keys that members request appear here, in whatever state they are.
          </EmptyState>
        )}
      </Panel>
      {active > 1 ? (
        <Form
          id={BULK_FORM}
          method="get"
          action="/admin/ai/keys/revoke"
          preventScrollReset
          className="bottom-0 flex flex-wrap items-center gap-2 bg-canvas py-3 sm:sticky"
        >
          {filters.map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <span className="text-sm text-muted">With the selected keys:</span>
          <Button>Revoke selected</Button>
        </Form>
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

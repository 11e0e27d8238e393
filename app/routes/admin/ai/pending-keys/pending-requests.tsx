import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { Form, Outlet, useLoaderData, useSearchParams } from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { submitMany } from '~/api/submit-many.server';
import { Button, LinkButton } from '~/ui/button';
import { useStickyActionData, useSubmitting } from '~/ui/form';
import { counted, ListToolbar } from '~/ui/list-toolbar';
import { Notice } from '~/ui/notice';
import { EmptyState, PageHeader, Panel } from '~/ui/page';
import { PendingRequestCard } from '~/ui/requests/pending-request-card';
import {
  filterPending,
  PENDING_REQUESTS,
  pendingChoices,
  readPendingFilter,
} from '~/ui/requests/pending-requests-params';
import { skipIfOnlyQueryChanged } from '~/ui/should-revalidate';
import { useListFocus } from '~/ui/use-list-focus';

export const meta: MetaFunction = () => [{ title: 'Pending key requests · My AI Keys' }];

export const shouldRevalidate = skipIfOnlyQueryChanged;

export async function loader(args: LoaderFunctionArgs) {
  const requests = await load(args, (api) => api.requests.pending());
  return { requests, now: args.context.trpc.app.now() };
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const decided = await submitMany(args, form.getAll('keyId').map(String), (api, keyId) =>
    api.requests.approve({ keyId }),
  );
  return data(decided, { status: decided.refused.length > 0 && decided.done === 0 ? 409 : 200 });
}

const BULK_FORM = 'decide-several';
const REJECT = `${PENDING_REQUESTS.path}/reject`;

export default function PendingKeys() {
  const { requests, now } = useLoaderData<typeof loader>();
  const decided = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  const submitting = useSubmitting();
  const shown = filterPending(requests, readPendingFilter(params));
  const choices = pendingChoices(requests);
  const filters = PENDING_REQUESTS.fields(params);
  const keepsFocus = useListFocus();

  return (
    <>
      <PageHeader title="Pending key requests">
        Production keys for tools that require approval wait here. Approving makes no secret: the requester
        reveals the key afterwards, once.
      </PageHeader>
      <div className="mb-4 grid gap-2 empty:hidden">
        {decided && decided.done > 0 ? (
          <Notice tone="good" announce>
            {counted(decided.done, 'request')} approved. The requester sees it at once.
          </Notice>
        ) : null}
        {/* Several may be refused in the same words; the words are said once. */}
        {[...new Set(decided?.refused)].map((message) => (
          <Notice key={message} tone="problem" announce>
            {message}
          </Notice>
        ))}
      </div>
      <ListToolbar
        list={PENDING_REQUESTS}
        searchLabel="Search requests"
        placeholder="Search by person, tool or purpose"
        selects={[
          { param: 'tool', label: 'Tool', options: choices.tools },
          { param: 'person', label: 'Person', options: choices.people },
        ]}
        sort={{
          options: [
            { label: 'Longest waiting first', value: '' },
            { label: 'Newest first', value: 'newest' },
          ],
        }}
        count={counted(shown.length, 'request')}
      />
      <Panel>
        {shown.length > 0 ? (
          <ul aria-label="Pending key requests" data-list {...keepsFocus}>
            {shown.map((request) => (
              <PendingRequestCard
                key={request.key.id}
                request={request}
                now={now}
                bulkForm={BULK_FORM}
                rejectTo={REJECT}
                filters={filters}
              />
            ))}
          </ul>
        ) : requests.length > 0 ? (
          <EmptyState
            title="No request matches"
            action={<LinkButton to={PENDING_REQUESTS.path}>Clear filters</LinkButton>}
          />
        ) : (
          <EmptyState
            title="Nothing waits for a decision"
            action={<LinkButton to="/admin/ai/tools">See which tools require approval</LinkButton>}
          >
            When a member asks for a production key of a tool that requires approval, the request appears here
            by itself.
          </EmptyState>
        )}
      </Panel>
      {shown.length > 1 ? (
        <Form
          id={BULK_FORM}
          method="post"
          preventScrollReset
          className="bottom-0 flex flex-wrap items-center gap-2 bg-canvas py-3 sm:sticky"
        >
          {filters.map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <span className="text-sm text-muted">With the selected requests:</span>
          <Button busy={submitting}>Approve selected</Button>
          <Button formMethod="get" formAction={REJECT}>
            Reject selected
          </Button>
        </Form>
      ) : null}
      <Outlet />
    </>
  );
}

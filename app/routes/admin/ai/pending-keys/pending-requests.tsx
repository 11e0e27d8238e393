import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { Outlet, useLoaderData, useSearchParams } from '@remix-run/react';
import { z } from 'zod';
import { load } from '~/api/call-from-route.server';
import { readForm } from '~/api/read-form.server';
import { submitMany } from '~/api/submit-many.server';
import { BulkForm } from '~/ui/bulk-form';
import { Button, LinkButton } from '~/ui/button';
import { useStickyActionData, useSubmitting } from '~/ui/form';
import { counted, ListToolbar } from '~/ui/list-toolbar';
import { NoMatch } from '~/ui/no-match';
import { Notice } from '~/ui/notice';
import { EmptyState, PageHeader, Panel } from '~/ui/page';
import { PendingRequestCard } from '~/ui/requests/pending-request-card';
import { filterOptions, filterPending, PENDING_REQUESTS } from '~/ui/requests/pending-requests-params';
import { skipIfOnlyQueryChanged } from '~/ui/should-revalidate';
import { TOOLS } from '~/ui/tools/tools-params';
import { useListFocus } from '~/ui/use-list-focus';

export const meta: MetaFunction = () => [{ title: 'Pending key requests · My AI Keys' }];

export const shouldRevalidate = skipIfOnlyQueryChanged;

export async function loader(args: LoaderFunctionArgs) {
  const requests = await load(args, (api) => api.requests.pending());
  return { requests, now: args.context.trpc.app.now() };
}

const approveForm = z.object({ keyId: z.array(z.string()) });

export async function action(args: ActionFunctionArgs) {
  const { input } = await readForm(args.request, approveForm);
  const decided = await submitMany(args, input.keyId, (api, keyId) => api.requests.approve({ keyId }));
  return data(decided, { status: decided.refused.length > 0 && decided.done === 0 ? 409 : 200 });
}

const BULK_FORM = 'decide-requests';

export default function PendingRequests() {
  const { requests, now } = useLoaderData<typeof loader>();
  const decided = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  const submitting = useSubmitting();
  const shown = filterPending(requests, params);
  const options = filterOptions(requests);
  const keepsFocus = useListFocus();

  return (
    <>
      <PageHeader title="Pending key requests">
        Requests for production keys of tools that require approval. The key is created when the requester
        reveals it.
      </PageHeader>
      <div className="mb-4 grid gap-2 empty:hidden">
        {decided && decided.done > 0 ? (
          <Notice tone="good" announce>
            {counted(decided.done, 'request')} approved. The requester can now reveal the key.
          </Notice>
        ) : null}
        {/* Several requests can fail with the same message. */}
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
          { param: 'tool', label: 'Tool', options: options.tools },
          { param: 'person', label: 'Person', options: options.people },
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
              <PendingRequestCard key={request.key.id} request={request} now={now} bulkForm={BULK_FORM} />
            ))}
          </ul>
        ) : (
          <NoRequests isFiltered={requests.length > 0} />
        )}
      </Panel>
      {shown.length > 1 ? (
        <BulkForm id={BULK_FORM} list={PENDING_REQUESTS} label="Selected requests:" method="post">
          <Button busy={submitting}>Approve selected</Button>
          <Button formMethod="get" formAction={`${PENDING_REQUESTS.path}/reject`}>
            Reject selected
          </Button>
        </BulkForm>
      ) : null}
      <Outlet />
    </>
  );
}

function NoRequests({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <NoMatch list={PENDING_REQUESTS} title="No request matches" />
  ) : (
    <EmptyState title="No pending requests" action={<LinkButton to={TOOLS.path}>View tools</LinkButton>}>
      When a member requests a production key of a tool that requires approval, it appears here.
    </EmptyState>
  );
}

import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Outlet, useLoaderData, useSearchParams } from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { type AuditPage, type AuditRow, type AuditView, formatHead } from '~/audit/audit.schema';
import { AUDIT_PAGE_SIZE } from '~/audit/list-entries.server';
import { AuditFilterForm } from '~/ui/audit/audit-filter-form';
import { AUDIT_TRAIL } from '~/ui/audit/audit-params';
import { AuditTable } from '~/ui/audit/audit-table';
import { ChainHead } from '~/ui/audit/chain-head';
import { readAuditParams } from '~/ui/audit/read-audit-params.server';
import { DialogLinkButton, LinkButton } from '~/ui/button';
import { NoMatch } from '~/ui/no-match';
import { PageHeader, Panel } from '~/ui/page';
import { Pager } from '~/ui/pager';

export const meta: MetaFunction = () => [{ title: 'Audit trail · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const { filters, position, errors } = readAuditParams(new URL(args.request.url).searchParams);
  const { cursor, after } = position;
  const [page, head] = await load(args, (api) =>
    Promise.all([
      api.audit.list({ ...filters, ...(cursor === undefined ? { after } : { cursor }) }),
      api.audit.head(),
    ]),
  );
  return {
    ...page,
    entries: page.entries.map(toRow),
    head: formatHead(head),
    count: Object.keys(filters).length === 0 ? entryCount(head.seq) : countMatching(page),
    filters,
    errors,
    now: args.context.trpc.app.now(),
  };
}

const entryCount = (amount: number): string =>
  amount === 1 ? '1 entry' : `${amount.toLocaleString('en')} entries`;

/** How many entries match, estimated from one page: an exact count would read the whole trail. */
function countMatching({ entries, nextCursor, newerCursor }: AuditPage): string {
  const isOnlyPage = nextCursor === null && newerCursor === null;
  return isOnlyPage ? entryCount(entries.length) : `more than ${entryCount(AUDIT_PAGE_SIZE)}`;
}

/** Leaves out what only an entry's own drawer shows: half of its size. */
const toRow = ({ hash, previousHash, userAgent, requestId, ...row }: AuditView): AuditRow => row;

export default function AuditTrail() {
  const { entries, names, nextCursor, newerCursor, head, count, filters, errors, now } =
    useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  return (
    <>
      <PageHeader
        title="Audit trail"
        actions={
          <>
            <DialogLinkButton to={`${AUDIT_TRAIL.path}/verify`} fields={AUDIT_TRAIL.fields(params)}>
              Verify the chain
            </DialogLinkButton>
            <LinkButton to={AUDIT_TRAIL.childHref('export', params)} reloadDocument>
              Export
              {Object.keys(filters).length > 0 ? (
                <span className="sr-only"> the filtered entries</span>
              ) : null}
            </LinkButton>
          </>
        }
      >
        Every change and every security-relevant refusal, newest first. Entries can’t be edited or deleted;
        each is linked to the previous one by its hash.
      </PageHeader>
      <div className="mb-4 flex flex-wrap items-start gap-x-4">
        <AuditFilterForm params={params} errors={errors} />
        <p role="status" className="ml-auto py-2 text-sm text-muted">
          {count}
        </p>
      </div>
      <Panel>
        {entries.length > 0 ? (
          <AuditTable entries={entries} names={names} now={now} />
        ) : (
          <NoMatch list={AUDIT_TRAIL} title="No entry matches">
            All filters apply together, and names must match exactly.
          </NoMatch>
        )}
      </Panel>
      <Pager
        label="Pages of the audit trail"
        {...AUDIT_TRAIL.pageHrefs(params, { nextCursor, newerCursor })}
      />
      <div className="mt-6 flex border-t border-line pt-4">
        <ChainHead head={head} />
      </div>
      <Outlet />
    </>
  );
}

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
import { EmptyState, PageHeader, Panel } from '~/ui/page';
import { Pager } from '~/ui/pager';

export const meta: MetaFunction = () => [{ title: 'Audit trail · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const { filters, place, errors } = readAuditParams(new URL(args.request.url).searchParams);
  const { cursor, after } = place;
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
    count: Object.keys(filters).length === 0 ? entriesInWords(head.seq) : countMatching(page),
    filters,
    errors,
    now: args.context.trpc.app.now(),
  };
}

const entriesInWords = (amount: number): string =>
  amount === 1 ? '1 entry' : `${amount.toLocaleString('en')} entries`;

/** How many entries match, told from one page: for the exact number the whole trail would have to be walked. */
function countMatching({ entries, nextCursor, newerCursor }: AuditPage): string {
  const isWhole = nextCursor === null && newerCursor === null;
  return isWhole ? entriesInWords(entries.length) : `more than ${entriesInWords(AUDIT_PAGE_SIZE)}`;
}

/** Half of an entry is its hashes and where the call came from, which its drawer loads by itself. */
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
            <DialogLinkButton to="/admin/audit/verify" fields={AUDIT_TRAIL.fields(params)}>
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
        Every change and every refusal that matters, newest first. Entries are only ever added, each chained
        to the one before it by its hash.
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
          <EmptyState
            title="No entry matches"
            action={<LinkButton to="/admin/audit">Clear filters</LinkButton>}
          >
            Filters apply together, and names must be given whole.
          </EmptyState>
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

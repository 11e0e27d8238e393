import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { Outlet, useActionData, useLoaderData, useSearchParams } from '@remix-run/react';
import { formatHead } from '~/audit/audit.schema';
import { AuditFilterForm } from '~/audit/audit-filter-form';
import { auditAddress, auditPage, readAuditParams } from '~/audit/audit-params';
import { AuditTable } from '~/audit/audit-table';
import { VerifyPanel, type VerifyResult } from '~/audit/verify-panel';
import { LinkButton } from '~/components/button';
import { EmptyState, PageHeader, Panel } from '~/components/page';
import { Pager } from '~/components/pager';
import { load, submit } from '~/trpc/route.server';

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
  return { page, head: formatHead(head), filters, errors, now: args.context.trpc.app.now() };
}

/** Verifies the chain. */
export async function action(args: ActionFunctionArgs) {
  const kept = String((await args.request.formData()).get('head') ?? '').trim();
  const result = await submit(args, (api) => api.audit.verify({ head: kept }));
  if (result.ok) return data<VerifyResult>({ ok: true, verdict: result.value, kept });
  const { message, status, fields } = result;
  return data<VerifyResult>({ ok: false, message, kept, problem: fields.head ?? message }, { status });
}

export default function AuditTrail() {
  const { page, head, filters, errors, now } = useLoaderData<typeof loader>();
  const result = useActionData<typeof action>();
  const [params] = useSearchParams();
  const { entries, names, nextCursor, newerCursor } = page;
  const place = (change: Record<string, number> | null) => change && auditAddress(params, change);
  return (
    <>
      <PageHeader
        title="Audit trail"
        actions={
          <LinkButton to={auditPage('/export', params)} reloadDocument>
            {Object.keys(filters).length > 0 ? 'Export these entries' : 'Export'}
          </LinkButton>
        }
      >
        Every change and every refusal that matters, newest first. Entries are only ever added, each chained
        to the one before it by its hash.
      </PageHeader>
      <VerifyPanel head={head} result={result} />
      <AuditFilterForm params={params} errors={errors} />
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
        newer={place(newerCursor === null ? null : { after: newerCursor })}
        older={place(nextCursor === null ? null : { cursor: nextCursor })}
        newest={auditAddress(params, {})}
      />
      <Outlet />
    </>
  );
}

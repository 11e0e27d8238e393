import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Link, useLoaderData, useSearchParams } from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { formatUtc } from '~/core/format-time';
import { actionLabel, otherDetails, subjectLabel } from '~/ui/audit/audit-labels';
import { AUDIT_TRAIL } from '~/ui/audit/audit-params';
import { Code, DetailDrawer, FactList } from '~/ui/detail-drawer';
import { Time } from '~/ui/time';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Entry ${data?.entry.seq ?? ''} · Audit trail · My AI Keys` },
];

export async function loader(args: LoaderFunctionArgs) {
  const found = await load(args, (api) => api.audit.get({ seq: Number(args.params.seq) }));
  return { ...found, now: args.context.trpc.app.now() };
}

export default function AuditEntry() {
  const { entry, names, now } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const { purpose, environment, reason } = entry.details;
  const recorded = {
    Time: new Date(entry.at).toISOString(),
    Action: entry.action,
    Subject: entry.subject,
    Actor: [entry.actorEmail, entry.actorId].filter(Boolean).join(' · ') || 'server',
    Address: entry.address,
    'User agent': entry.userAgent,
    Request: entry.requestId,
    'Previous hash': entry.previousHash,
    Hash: entry.hash,
  };
  return (
    <DetailDrawer
      title={actionLabel(entry.action)}
      description={
        <>
          Entry {entry.seq}, {formatUtc(entry.at)}, <Time at={entry.at} now={now} />
        </>
      }
      backTo={AUDIT_TRAIL.href(params)}
      facts={{
        Purpose: purpose,
        Environment: environment,
        Reason: reason,
        ...Object.fromEntries(otherDetails(entry, names)),
        Subject: subjectLabel(entry, names),
        Tool: entry.toolId && (names[entry.toolId] ?? entry.toolId),
        Key: entry.keyId && (names[entry.keyId] ?? entry.keyId),
      }}
    >
      <section className="grid gap-2">
        <h3 className="text-sm font-semibold">As recorded in the chain</h3>
        <FactList
          facts={Object.fromEntries(
            Object.entries(recorded).map(([label, value]) => [
              label,
              value && <Code key={label}>{value}</Code>,
            ]),
          )}
        />
      </section>
      {entry.seq > 1 ? (
        <p className="text-sm">
          <Link
            to={AUDIT_TRAIL.childHref(String(entry.seq - 1), params)}
            preventScrollReset
            className="text-accent hover:underline"
          >
            Previous entry, {entry.seq - 1}
          </Link>
        </p>
      ) : null}
    </DetailDrawer>
  );
}

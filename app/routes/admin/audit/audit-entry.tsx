import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Link, useLoaderData, useSearchParams } from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { formatUtc } from '~/core/format-time';
import { actionLabel, otherDetails, subjectLabel } from '~/ui/audit/audit-labels';
import { AUDIT_TRAIL } from '~/ui/audit/audit-params';
import { Drawer } from '~/ui/dialogs';
import { Time } from '~/ui/time';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Entry ${data?.entry.seq ?? ''} · Audit trail · My AI Keys` },
];

export async function loader(args: LoaderFunctionArgs) {
  const found = await load(args, (api) => api.audit.get({ seq: Number(args.params.seq) }));
  return { ...found, now: args.context.trpc.app.now() };
}

/** One entry, whole, as it stands in the chain. */
export default function AuditEntry() {
  const { entry, names, now } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const { purpose, environment, reason } = entry.details;
  const told: [string, string | null][] = [
    ['Purpose', purpose === undefined ? null : String(purpose)],
    ['Environment', environment === undefined ? null : String(environment)],
    ['Reason', reason === undefined ? null : String(reason)],
    ...otherDetails(entry, names),
    ['Subject', subjectLabel(entry, names)],
    ['Tool', entry.toolId && (names[entry.toolId] ?? entry.toolId)],
    ['Key', entry.keyId && (names[entry.keyId] ?? entry.keyId)],
  ];
  const recorded: [string, string | null][] = [
    ['Time', new Date(entry.at).toISOString()],
    ['Action', entry.action],
    ['Subject', entry.subject],
    ['Actor', [entry.actorEmail, entry.actorId].filter(Boolean).join(' · ') || 'the server'],
    ['Address', entry.address],
    ['User agent', entry.userAgent],
    ['Request', entry.requestId],
    ['Previous hash', entry.previousHash],
    ['Hash', entry.hash],
  ];
  return (
    <Drawer
      title={actionLabel(entry.action)}
      description={
        <>
          Entry {entry.seq}, {formatUtc(entry.at)}, <Time at={entry.at} now={now} />
        </>
      }
      backTo={AUDIT_TRAIL.href(params)}
    >
      <Facts rows={told} />
      <h3 className="mt-6 mb-2 text-sm font-semibold">As it stands in the chain</h3>
      <Facts rows={recorded} mono />
      {entry.seq > 1 ? (
        <p className="mt-5 text-sm">
          <Link
            to={AUDIT_TRAIL.childHref(String(entry.seq - 1), params)}
            preventScrollReset
            className="text-accent hover:underline"
          >
            Entry {entry.seq - 1}, which it follows
          </Link>
        </p>
      ) : null}
    </Drawer>
  );
}

function Facts({ rows, mono = false }: { rows: [string, string | null][]; mono?: boolean }) {
  return (
    <dl className="grid gap-x-4 text-sm sm:grid-cols-[8rem_1fr]">
      {rows.map(([name, value]) =>
        value === null ? null : (
          <div key={name} className="contents">
            <dt className="text-muted first-letter:uppercase">{name}</dt>
            <dd
              className={`mb-2 min-w-0 wrap-anywhere ${mono ? 'font-mono text-xs leading-5 break-all' : ''}`}
            >
              {value}
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

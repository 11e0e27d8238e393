import { Form, useSearchParams } from '@remix-run/react';
import type { ReactNode } from 'react';
import type { PendingRequest } from '~/requests/requests.schema';
import { EnvironmentBadge, StatusBadge } from '~/ui/badge';
import { Button, DialogLinkButton } from '~/ui/button';
import { useSubmitting } from '~/ui/form';
import { PENDING_REQUESTS } from '~/ui/requests/pending-requests-params';
import { Time } from '~/ui/time';

interface PendingRequestCardProps {
  request: PendingRequest;
  now: number;
  /** The ID of the bulk form that this card's checkbox belongs to. */
  bulkForm: string;
}

/** One pending request, with the context an admin needs to decide. */
export function PendingRequestCard({ request, now, bulkForm }: PendingRequestCardProps) {
  const { key, requester, mayDecide } = request;
  const name = `${key.tool.displayName}, ${key.environment}, for ${requester.name}`;
  const submitting = useSubmitting();
  const [params] = useSearchParams();
  return (
    <li
      className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-4 border-b border-line p-4 last:border-b-0 lg:grid-cols-[auto_minmax(0,1.2fr)_minmax(0,1fr)_auto]"
      data-key={key.id}
      data-row
    >
      <input
        type="checkbox"
        name="keyId"
        value={key.id}
        form={bulkForm}
        disabled={mayDecide === 'no'}
        aria-label={`Select ${name}`}
        className="mt-1 size-4"
      />
      <div className="grid min-w-0 content-start gap-1.5">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 font-medium wrap-anywhere">{requester.name}</span>
          <span className="min-w-0 text-sm wrap-anywhere text-muted">{requester.email}</span>
        </p>
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 wrap-anywhere">{key.tool.displayName}</span>
          <EnvironmentBadge environment={key.environment} />
          <span className="text-sm text-muted">
            requested <Time at={key.createdAt} now={now} />
          </span>
        </p>
        <p className="wrap-anywhere">
          <span className="sr-only">Purpose: </span>“{key.purpose}”
        </p>
        {mayDecide === 'as-only-admin' ? (
          <p className="text-sm text-wait">
            This is your own request. You are the only admin, so you may approve it; the audit trail marks it
            as self-approved.
          </p>
        ) : null}
      </div>
      <RequesterContext request={request} now={now} />
      {mayDecide === 'no' ? (
        <p className="col-start-2 max-w-40 text-sm text-muted lg:col-start-auto">
          Your own request. Another admin decides.
        </p>
      ) : (
        <div className="col-start-2 flex items-start gap-2 lg:col-start-auto">
          <Form method="post" preventScrollReset>
            <input type="hidden" name="keyId" value={key.id} />
            <Button variant="primary" busy={submitting} data-shortcut="a">
              Approve<span className="sr-only"> {name}</span>
            </Button>
          </Form>
          <DialogLinkButton
            to={`${PENDING_REQUESTS.path}/reject`}
            fields={[...PENDING_REQUESTS.fields(params), ['keyId', key.id]]}
            data-shortcut="d"
          >
            Reject<span className="sr-only"> {name}</span>
          </DialogLinkButton>
        </div>
      )}
    </li>
  );
}

function RequesterContext({
  request: { otherKeys, pastDecisions },
  now,
}: {
  request: PendingRequest;
  now: number;
}) {
  return (
    <div className="col-start-2 grid min-w-0 content-start gap-2 text-sm lg:col-start-auto">
      <ContextList title="Other keys" empty="No other live keys">
        {otherKeys.map(({ id, tool, environment, status, lastUsedAt }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="min-w-0 wrap-anywhere">{tool.displayName}</span>
            <EnvironmentBadge environment={environment} />
            {status === 'PENDING' ? <StatusBadge status={status} /> : <LastUse at={lastUsedAt} now={now} />}
          </li>
        ))}
      </ContextList>
      <ContextList title="Earlier decisions" empty="First approval request">
        {pastDecisions.map(({ tool, environment, decision, decidedAt, reason }) => (
          <li
            key={`${decidedAt}-${tool.slug}-${environment}`}
            className="flex flex-wrap items-center gap-x-2 gap-y-1"
          >
            <span className="min-w-0 wrap-anywhere">{tool.displayName}</span>
            <EnvironmentBadge environment={environment} />
            <span className="text-muted">
              {decision} <Time at={decidedAt} now={now} />
            </span>
            {reason ? <span className="min-w-0 basis-full wrap-anywhere text-muted">{reason}</span> : null}
          </li>
        ))}
      </ContextList>
    </div>
  );
}

function LastUse({ at, now }: { at: number | null; now: number }) {
  if (at === null) return <span className="text-muted">never used</span>;
  return (
    <span className="text-muted">
      used <Time at={at} now={now} />
    </span>
  );
}

function ContextList({ title, empty, children }: { title: string; empty: string; children: ReactNode[] }) {
  return (
    <div>
      <p className="text-xs font-medium text-muted">{title}</p>
      {children.length > 0 ? (
        <ul className="mt-0.5 grid gap-1">{children}</ul>
      ) : (
        <p className="text-muted">{empty}</p>
      )}
    </div>
  );
}

import { Form } from '@remix-run/react';
import type { ReactNode } from 'react';
import type { PendingRequest } from '~/requests/requests.schema';
import { EnvironmentBadge, StatusBadge } from '~/ui/badge';
import { Button, DialogLinkButton } from '~/ui/button';
import { useSubmitting } from '~/ui/form';
import { Time } from '~/ui/time';

interface PendingRequestCardProps {
  request: PendingRequest;
  now: number;
  /** The id of the form that decides on several at once. */
  bulkForm: string;
  /** Where *Reject* leads: the drawer that asks for the reason. */
  rejectTo: string;
  /** The list's filters, which *Reject* takes along, to come back to. */
  filters: [name: string, value: string][];
}

/** One waiting request, with what an admin needs to decide without asking. */
export function PendingRequestCard({ request, now, bulkForm, rejectTo, filters }: PendingRequestCardProps) {
  const { key, requester, mayDecide } = request;
  const name = `${key.tool.displayName}, ${key.environment}, for ${requester.name}`;
  const submitting = useSubmitting();
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
            This is your own request. You are the only admin, so you may decide; the audit trail will say
            self-approved.
          </p>
        ) : null}
      </div>
      <Context request={request} now={now} />
      {mayDecide === 'no' ? (
        <p className="col-start-2 max-w-40 text-sm text-muted lg:col-start-auto">
          Your own request: another admin decides.
        </p>
      ) : (
        <div className="col-start-2 flex items-start gap-2 lg:col-start-auto">
          <Form method="post" preventScrollReset>
            <input type="hidden" name="keyId" value={key.id} />
            <Button variant="primary" busy={submitting} data-shortcut="a">
              Approve<span className="sr-only"> {name}</span>
            </Button>
          </Form>
          <DialogLinkButton to={rejectTo} fields={[...filters, ['keyId', key.id]]} data-shortcut="d">
            Reject<span className="sr-only"> {name}</span>
          </DialogLinkButton>
        </div>
      )}
    </li>
  );
}

function Context({ request: { otherKeys, pastDecisions }, now }: { request: PendingRequest; now: number }) {
  return (
    <div className="col-start-2 grid min-w-0 content-start gap-2 text-sm lg:col-start-auto">
      <Facts title="Also holds" none="No other live key.">
        {otherKeys.map(({ id, tool, environment, status, lastUsedAt }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="min-w-0 wrap-anywhere">{tool.displayName}</span>
            <EnvironmentBadge environment={environment} />
            {status === 'PENDING' ? (
              <StatusBadge status={status} />
            ) : (
              <span className="text-muted">
                {lastUsedAt === null ? (
                  'never used'
                ) : (
                  <>
                    used <Time at={lastUsedAt} now={now} />
                  </>
                )}
              </span>
            )}
          </li>
        ))}
      </Facts>
      <Facts title="Earlier decisions" none="First request that needs approval.">
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
      </Facts>
    </div>
  );
}

function Facts({ title, none, children }: { title: string; none: string; children: ReactNode[] }) {
  return (
    <div>
      <p className="text-xs font-medium text-muted">{title}</p>
      {children.length > 0 ? (
        <ul className="mt-0.5 grid gap-1">{children}</ul>
      ) : (
        <p className="text-muted">{none}</p>
      )}
    </div>
  );
}

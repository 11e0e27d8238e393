import { useSearchParams } from '@remix-run/react';
import { DialogLinkButton } from '~/ui/button';
import { Time } from '~/ui/time';
import { PEOPLE } from '~/ui/users/people-params';
import type { InvitationView } from '~/users/users.schema';
import { RoleBadge } from './people-table';

/** Invitations that are neither accepted, withdrawn nor expired. */
export function InvitationList({ invitations, now }: { invitations: InvitationView[]; now: number }) {
  const [params] = useSearchParams();
  return (
    <ul className="divide-y divide-line text-sm">
      {invitations.map(({ id, email, role, invitedBy, expiresAt }) => (
        <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3">
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-2">
              <span className="min-w-0 font-medium wrap-anywhere">{email}</span>
              <RoleBadge role={role} />
            </p>
            <p className="wrap-anywhere text-muted">
              Invited by {invitedBy.name} · expires <Time at={expiresAt} now={now} />
            </p>
          </div>
          <DialogLinkButton
            to={`${PEOPLE.path}/invitations/${id}/withdraw`}
            fields={PEOPLE.fields(params)}
            aria-label={`Withdraw the invitation of ${email}`}
          >
            Withdraw
          </DialogLinkButton>
        </li>
      ))}
    </ul>
  );
}

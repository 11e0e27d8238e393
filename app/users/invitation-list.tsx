import { LinkButton } from '~/components/button';
import { Pill } from '~/components/pill';
import { Time } from '~/components/time';
import type { InvitationView } from './users.schema';

/** The links that are out and have not been used. */
export function InvitationList({ invitations, now }: { invitations: InvitationView[]; now: number }) {
  return (
    <ul className="divide-y divide-line text-sm">
      {invitations.map(({ id, email, role, invitedBy, expiresAt }) => (
        <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3">
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-2">
              <span className="font-medium break-all">{email}</span>
              <Pill tone={role === 'admin' ? 'accent' : 'neutral'}>{role}</Pill>
            </p>
            <p className="text-muted">
              Invited by {invitedBy.name}; the link ends <Time at={expiresAt} now={now} />
            </p>
          </div>
          <LinkButton
            to={`/admin/users/invitations/${id}/withdraw`}
            preventScrollReset
            aria-label={`Withdraw the invitation of ${email}`}
          >
            Withdraw
          </LinkButton>
        </li>
      ))}
    </ul>
  );
}

import { Badge } from '~/ui/badge';
import { DialogLinkButton } from '~/ui/button';
import { Time } from '~/ui/time';
import type { InvitationView } from '~/users/users.schema';

interface InvitationListProps {
  invitations: InvitationView[];
  now: number;
  /** The page's filters, which *Withdraw* takes along, to come back to. */
  filters: [name: string, value: string][];
}

/** The links that are out and have not been used. */
export function InvitationList({ invitations, now, filters }: InvitationListProps) {
  return (
    <ul className="divide-y divide-line text-sm">
      {invitations.map(({ id, email, role, invitedBy, expiresAt }) => (
        <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3">
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-2">
              <span className="min-w-0 font-medium wrap-anywhere">{email}</span>
              <Badge tone={role === 'admin' ? 'accent' : 'neutral'}>{role}</Badge>
            </p>
            <p className="wrap-anywhere text-muted">
              Invited by {invitedBy.name}; the link expires <Time at={expiresAt} now={now} />
            </p>
          </div>
          <DialogLinkButton
            to={`/admin/users/invitations/${id}/withdraw`}
            fields={filters}
            aria-label={`Withdraw the invitation of ${email}`}
          >
            Withdraw
          </DialogLinkButton>
        </li>
      ))}
    </ul>
  );
}

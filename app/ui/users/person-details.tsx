import { Link } from '@remix-run/react';
import { Badge } from '~/ui/badge';
import { DialogLinkButton } from '~/ui/button';
import { DescriptionList, Group, IntentButton } from '~/ui/description-list';
import { useFocusOnError } from '~/ui/form';
import { FormError, Notice } from '~/ui/notice';
import { Time } from '~/ui/time';
import type { UserView } from '~/users/users.schema';
import { LeadsNowhere } from './one-time-link';

interface PersonDetailsProps {
  person: UserView;
  isSelf: boolean;
  /** The server's public address, with which links begin. */
  origin: string;
  now: number;
  refused: { ok: false; message: string } | undefined;
  /** What has just been done, as the URL says after the form. */
  done: string | null;
  /** The list's filters, kept through the dialogs. */
  search: string;
}

const DONE: Record<string, string> = {
  'set-role': 'The role was changed and their sessions ended: they sign in again.',
  'end-sessions': 'They are signed out everywhere.',
  enable: 'They can sign in again. Keys that were revoked stay so.',
  disable: 'They are signed out, their active keys are revoked and their requests withdrawn.',
};

/** One person in the drawer: what they have, and what an admin can do about it. */
export function PersonDetails({ person, isSelf, origin, now, refused, done, search }: PersonDetailsProps) {
  const drawer = useFocusOnError<HTMLDivElement>(refused);
  const notice = done === null ? undefined : DONE[done];
  return (
    <div ref={drawer} className="grid gap-6">
      {notice && !refused ? (
        <Notice tone="good" announce>
          {notice}
        </Notice>
      ) : null}
      <FormError result={refused} />
      <PersonFacts person={person} now={now} />
      {isSelf ? (
        <p className="text-muted">
          This is you. Another admin can change your role or disable your account; your password and sessions
          are under Account.
        </p>
      ) : (
        <Ways person={person} origin={origin} kept={[...new URLSearchParams(search)]} />
      )}
    </div>
  );
}

interface WaysProps extends Pick<PersonDetailsProps, 'person' | 'origin'> {
  kept: [name: string, value: string][];
}

/** What can be done. The first way is what has the focus when the drawer opens, so it only asks. */
function Ways({ person, origin, kept }: WaysProps) {
  const otherRole = person.role === 'admin' ? 'member' : 'admin';
  return (
    <>
      <Group title="Role" note="Their sessions end, and they sign in again with the new role.">
        <DialogLinkButton to={`/admin/users/${person.id}/role/${otherRole}`} fields={kept}>
          Make {otherRole}…
        </DialogLinkButton>
      </Group>
      {person.disabledAt === null ? (
        <>
          <Group title="Sessions" note="For a lost device. Their keys go on working.">
            <IntentButton intent="end-sessions" disabled={person.sessions === 0}>
              End all sessions
            </IntentButton>
          </Group>
          <Group
            title="Password"
            note="For somebody who has forgotten it: a link by which they choose a new one, and which ends their sessions."
          >
            <LeadsNowhere origin={origin} then="make the link" />
            <IntentButton intent="reset-link">Make a reset link</IntentButton>
          </Group>
          <Group
            title="Account"
            note="For somebody who leaves: ends their sessions, revokes their active keys and withdraws their requests."
          >
            <DialogLinkButton to={`/admin/users/${person.id}/disable`} fields={kept}>
              Disable…
            </DialogLinkButton>
          </Group>
        </>
      ) : (
        <Group title="Account" note="Lets them sign in again. Keys that were revoked stay so.">
          <IntentButton intent="enable">Enable</IntentButton>
        </Group>
      )}
    </>
  );
}

function PersonFacts({ person, now }: { person: UserView; now: number }) {
  return (
    <DescriptionList>
      <dt>Role</dt>
      <dd>
        <Badge tone={person.role === 'admin' ? 'accent' : 'neutral'}>{person.role}</Badge>
      </dd>
      <dt>Joined</dt>
      <dd>
        <Time at={person.createdAt} now={now} />
      </dd>
      {person.disabledAt === null ? null : (
        <>
          <dt>Disabled</dt>
          <dd>
            <Time at={person.disabledAt} now={now} />
          </dd>
        </>
      )}
      <dt>Active keys</dt>
      <dd>
        {person.activeKeys}{' '}
        <Link
          to={`/admin/ai/keys?q=${encodeURIComponent(person.email)}`}
          className="text-accent hover:underline"
        >
          Show all their keys
        </Link>
      </dd>
      <dt>Pending requests</dt>
      <dd>{person.pendingRequests}</dd>
      <dt>Sessions</dt>
      <dd>{person.sessions}</dd>
    </DescriptionList>
  );
}

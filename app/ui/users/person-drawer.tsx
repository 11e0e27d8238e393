import { Link, useSearchParams } from '@remix-run/react';
import { DialogLinkButton } from '~/ui/button';
import { ActionGroup, DetailDrawer, IntentButton } from '~/ui/detail-drawer';
import { Time } from '~/ui/time';
import { PEOPLE } from '~/ui/users/people-params';
import type { UserView } from '~/users/users.schema';
import { LoopbackLinkNotice } from './one-time-link';
import { RoleBadge } from './people-table';

interface PersonDrawerProps {
  person: UserView;
  isSelf: boolean;
  /** The server's public origin, which reset links start with. */
  origin: string;
  now: number;
  error: { ok: false; message: string } | undefined;
}

/** One person: what they have, and what an admin can do. */
export function PersonDrawer({ person, isSelf, origin, now, error }: PersonDrawerProps) {
  const [params] = useSearchParams();
  return (
    <DetailDrawer
      title={person.name}
      description={person.email}
      backTo={PEOPLE.href(params)}
      error={error}
      facts={{
        Role: <RoleBadge role={person.role} />,
        Joined: <Time at={person.createdAt} now={now} />,
        Disabled: person.disabledAt !== null && <Time at={person.disabledAt} now={now} />,
        'Active keys': (
          <>
            {person.activeKeys}{' '}
            <Link
              to={`/admin/ai/keys?q=${encodeURIComponent(person.email)}`}
              className="text-accent hover:underline"
            >
              View keys
            </Link>
          </>
        ),
        'Pending requests': person.pendingRequests,
        Sessions: person.sessions,
      }}
    >
      {isSelf ? (
        <p className="text-muted">
          This is you. Only another admin can change your role or disable your account. Your password and
          sessions are on the Account page.
        </p>
      ) : (
        <Actions person={person} origin={origin} fields={PEOPLE.fields(params)} />
      )}
    </DetailDrawer>
  );
}

interface ActionsProps extends Pick<PersonDrawerProps, 'person' | 'origin'> {
  fields: [name: string, value: string][];
}

/** The first button gets focus when the drawer opens, so it only opens a dialog. */
function Actions({ person, origin, fields }: ActionsProps) {
  const otherRole = person.role === 'admin' ? 'member' : 'admin';
  return (
    <>
      <ActionGroup title="Role" note="They are signed out and sign in again with the new role.">
        <DialogLinkButton to={`${PEOPLE.path}/${person.id}/role/${otherRole}`} fields={fields}>
          Make {otherRole}…
        </DialogLinkButton>
      </ActionGroup>
      {person.disabledAt === null ? (
        <>
          <ActionGroup title="Sessions" note="For a lost device. Keys keep working.">
            <IntentButton intent="end-sessions" disabled={person.sessions === 0}>
              End all sessions
            </IntentButton>
          </ActionGroup>
          <ActionGroup
            title="Password"
            note="Forgotten password: create a one-time link to choose a new one. Using it ends all sessions."
          >
            <LoopbackLinkNotice origin={origin} />
            <IntentButton intent="reset-link">Create reset link</IntentButton>
          </ActionGroup>
          <ActionGroup
            title="Account"
            note="When someone leaves: ends their sessions, revokes their keys and withdraws their requests."
          >
            <DialogLinkButton to={`${PEOPLE.path}/${person.id}/disable`} fields={fields}>
              Disable…
            </DialogLinkButton>
          </ActionGroup>
        </>
      ) : (
        <ActionGroup title="Account" note="They can sign in again. Revoked keys stay revoked.">
          <IntentButton intent="enable">Enable</IntentButton>
        </ActionGroup>
      )}
    </>
  );
}

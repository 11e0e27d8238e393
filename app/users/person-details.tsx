import { Form } from '@remix-run/react';
import type { ReactNode } from 'react';
import { Button, LinkButton } from '~/components/button';
import { useFocusOnError, useSubmitting } from '~/components/form';
import { FormProblem, Notice } from '~/components/notice';
import { Pill } from '~/components/pill';
import { Time } from '~/components/time';
import type { UserView } from './users.schema';

interface PersonDetailsProps {
  person: UserView;
  isSelf: boolean;
  now: number;
  refused: { ok: false; message: string } | undefined;
  /** What has just been done, as the URL says after the form. */
  done: string | null;
  /** The list's filters, kept through the dialogs. */
  search: string;
}

const DONE: Record<string, string> = {
  'set-role': 'The role was changed and their sessions ended: they sign in anew.',
  'end-sessions': 'They are signed out everywhere.',
  enable: 'They can sign in again. Keys that were revoked stay so.',
  disable: 'They are signed out, their active keys are revoked and their requests withdrawn.',
};

/** One person in the drawer: what they have, and what an admin can do about it. */
export function PersonDetails({ person, isSelf, now, refused, done, search }: PersonDetailsProps) {
  const form = useFocusOnError(refused);
  const busy = useSubmitting();
  const otherRole = person.role === 'admin' ? 'member' : 'admin';
  const notice = done === null ? undefined : DONE[done];
  return (
    <div className="grid gap-6">
      {notice && !refused ? (
        <Notice tone="good" announce>
          {notice}
        </Notice>
      ) : null}
      <Facts person={person} now={now} />
      <Form ref={form} method="post" preventScrollReset className="grid gap-6">
        <FormProblem result={refused} />
        {isSelf ? (
          <p className="text-muted">
            This is you. Another admin can change your role or disable your account; your password and
            sessions are under Account.
          </p>
        ) : (
          <>
            <Group title="Role" note="Their sessions end, and they sign in again with the new role.">
              <LinkButton
                to={{ pathname: `/admin/users/${person.id}/role/${otherRole}`, search }}
                preventScrollReset
              >
                Make {otherRole}…
              </LinkButton>
            </Group>
            {person.disabledAt === null ? (
              <Group title="Sessions" note="For a lost device. Their keys go on working.">
                <Button name="intent" value="end-sessions" busy={busy} disabled={person.sessions === 0}>
                  End all sessions
                </Button>
              </Group>
            ) : null}
            {person.disabledAt === null ? (
              <Group
                title="Password"
                note="For somebody who has forgotten it: a link by which they choose a new one, and which ends their sessions."
              >
                <Button name="intent" value="reset-link" busy={busy}>
                  Make a reset link
                </Button>
              </Group>
            ) : null}
            {person.disabledAt === null ? (
              <Group
                title="Account"
                note="For somebody who leaves: ends their sessions, revokes their active keys and withdraws their requests."
              >
                <LinkButton to={{ pathname: `/admin/users/${person.id}/disable`, search }} preventScrollReset>
                  Disable…
                </LinkButton>
              </Group>
            ) : (
              <Group title="Account" note="Lets them sign in again. Keys that were revoked stay so.">
                <Button name="intent" value="enable" busy={busy}>
                  Enable
                </Button>
              </Group>
            )}
          </>
        )}
      </Form>
    </div>
  );
}

function Facts({ person, now }: { person: UserView; now: number }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 text-sm [&>dt]:text-muted">
      <dt>Role</dt>
      <dd>
        <Pill tone={person.role === 'admin' ? 'accent' : 'neutral'}>{person.role}</Pill>
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
      <dd>{person.activeKeys}</dd>
      <dt>Pending requests</dt>
      <dd>{person.pendingRequests}</dd>
      <dt>Sessions</dt>
      <dd>{person.sessions}</dd>
    </dl>
  );
}

function Group({ title, note, children }: { title: string; note: string; children: ReactNode }) {
  return (
    <section className="grid justify-items-start gap-2 border-t border-line pt-4 [&>div]:w-full">
      <h3 className="font-medium">{title}</h3>
      <p className="text-sm text-muted">{note}</p>
      {children}
    </section>
  );
}

import { useSearchParams } from '@remix-run/react';
import { Badge } from '~/ui/badge';
import { LinkTable } from '~/ui/link-table';
import { Time } from '~/ui/time';
import type { UserView } from '~/users/users.schema';
import { PEOPLE } from './people-params';

/** Everyone with an account, disabled ones included. */
export function PeopleTable({ people, now, self }: { people: UserView[]; now: number; self: string }) {
  const [params] = useSearchParams();
  return (
    <LinkTable
      label="People"
      heading="Person"
      rows={people}
      linkRow={({ id, name, email, disabledAt }) => ({
        id,
        to: PEOPLE.childHref(id, params),
        title: name,
        badges: (
          <>
            {id === self ? <Badge>you</Badge> : null}
            {disabledAt === null ? null : <Badge>disabled</Badge>}
          </>
        ),
        subtitle: email,
        inactive: disabledAt !== null,
      })}
      columns={[
        ['Role', ({ role }) => <RoleBadge role={role} />],
        [
          'Active keys',
          ({ activeKeys, pendingRequests }) =>
            pendingRequests > 0 ? `${activeKeys} (${pendingRequests} pending)` : activeKeys,
        ],
        ['Joined', ({ createdAt }) => <Time at={createdAt} now={now} />],
      ]}
    />
  );
}

export function RoleBadge({ role }: Pick<UserView, 'role'>) {
  return <Badge tone={role === 'admin' ? 'accent' : 'neutral'}>{role}</Badge>;
}

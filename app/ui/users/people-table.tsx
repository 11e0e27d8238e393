import { Link, useSearchParams } from '@remix-run/react';
import { Badge } from '~/ui/badge';
import { LabelledCell, StackingTable } from '~/ui/table';
import { Time } from '~/ui/time';
import { PEOPLE } from '~/ui/users/people-params';
import type { UserView } from '~/users/users.schema';

/** Everyone with an account, disabled ones included. */
export function PeopleTable({ people, now, self }: { people: UserView[]; now: number; self: string }) {
  return (
    <StackingTable aria-label="People" headings={['Person', 'Role', 'Active keys', 'Joined']} data-list>
      {people.map((person) => (
        <PersonRow key={person.id} person={person} now={now} isSelf={person.id === self} />
      ))}
    </StackingTable>
  );
}

const CELL = 'mr-4 inline-block px-4 pt-1 md:mr-0 md:whitespace-nowrap';

function PersonRow({ person, now, isSelf }: { person: UserView; now: number; isSelf: boolean }) {
  const [params] = useSearchParams();
  const disabled = person.disabledAt !== null;
  return (
    <tr
      role="row"
      data-row
      className="relative block border-b border-line py-3 last:border-b-0 hover:bg-sunken md:table-row md:py-0"
    >
      <td role="cell" className="block px-4 md:table-cell md:py-3 md:align-top">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {/* The link covers the whole row. */}
          <Link
            to={PEOPLE.childHref(person.id, params)}
            preventScrollReset
            className={`min-w-0 font-medium wrap-anywhere after:absolute after:inset-0 ${disabled ? 'text-muted' : ''}`}
          >
            {person.name}
          </Link>
          {isSelf ? <Badge>you</Badge> : null}
          {disabled ? <Badge>disabled</Badge> : null}
        </p>
        <p className="wrap-anywhere text-muted">{person.email}</p>
      </td>
      <LabelledCell label="Role" className={CELL}>
        <RoleBadge role={person.role} />
      </LabelledCell>
      <LabelledCell label="Active keys" className={CELL}>
        {person.activeKeys}
        {person.pendingRequests > 0 ? ` (${person.pendingRequests} pending)` : null}
      </LabelledCell>
      <LabelledCell label="Joined" className={CELL}>
        <Time at={person.createdAt} now={now} />
      </LabelledCell>
    </tr>
  );
}

export function RoleBadge({ role }: Pick<UserView, 'role'>) {
  return <Badge tone={role === 'admin' ? 'accent' : 'neutral'}>{role}</Badge>;
}

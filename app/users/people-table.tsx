import { Link, useLocation } from '@remix-run/react';
import type { ReactNode } from 'react';
import { Pill } from '~/components/pill';
import { Time } from '~/components/time';
import type { UserView } from './users.schema';

/** Everybody who can or could sign in. Narrow screens stack each row; the roles keep it a table to screen readers. */
export function PeopleTable({ people, now, self }: { people: UserView[]; now: number; self: string }) {
  return (
    <table role="table" aria-label="People" className="block w-full text-sm md:table">
      <thead role="rowgroup" className="hidden md:table-header-group">
        <tr role="row" className="border-b border-line text-left text-xs text-muted">
          {['Person', 'Role', 'Active keys', 'Joined'].map((heading) => (
            <th key={heading} role="columnheader" scope="col" className="px-4 py-2 font-medium">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" className="block md:table-row-group">
        {people.map((person) => (
          <PersonRow key={person.id} person={person} now={now} isSelf={person.id === self} />
        ))}
      </tbody>
    </table>
  );
}

const CELL = 'px-4 md:table-cell md:py-3 md:align-top';

function PersonRow({ person, now, isSelf }: { person: UserView; now: number; isSelf: boolean }) {
  const { search } = useLocation();
  const disabled = person.disabledAt !== null;
  return (
    <tr
      role="row"
      className="relative block border-b border-line py-3 last:border-b-0 hover:bg-sunken md:table-row md:py-0"
    >
      <td role="cell" className={`${CELL} block`}>
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {/* The link's area is the whole row. */}
          <Link
            to={{ pathname: `/admin/users/${person.id}`, search }}
            preventScrollReset
            className={`font-medium break-words after:absolute after:inset-0 ${disabled ? 'text-muted' : ''}`}
          >
            {person.name}
          </Link>
          {isSelf ? <Pill>you</Pill> : null}
          {disabled ? <Pill>disabled</Pill> : null}
        </p>
        <p className="break-all text-muted">{person.email}</p>
      </td>
      <Fact label="Role">
        <Pill tone={person.role === 'admin' ? 'accent' : 'neutral'}>{person.role}</Pill>
      </Fact>
      <Fact label="Active keys">
        {person.activeKeys}
        {person.pendingRequests > 0 ? ` (${person.pendingRequests} pending)` : null}
      </Fact>
      <Fact label="Joined">
        <Time at={person.createdAt} now={now} />
      </Fact>
    </tr>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <td role="cell" className={`${CELL} mr-4 inline-block pt-1 text-muted md:mr-0 md:whitespace-nowrap`}>
      <span className="md:hidden">{label}: </span>
      {children}
    </td>
  );
}

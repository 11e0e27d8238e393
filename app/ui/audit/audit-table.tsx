import { Link, useSearchParams } from '@remix-run/react';
import type { ReactNode } from 'react';
import type { AuditRow } from '~/audit/audit.schema';
import { AUDIT_TRAIL } from '~/ui/audit/audit-params';
import { EnvironmentBadge } from '~/ui/badge';
import { StackingTable } from '~/ui/table';
import { Time } from '~/ui/time';
import { environments } from '~db/schema/enums';
import { actionLabel, isSubjectShown, otherDetails, subjectLabel } from './audit-labels';

interface AuditTableProps {
  entries: AuditRow[];
  names: Record<string, string>;
  now: number;
}

/** The trail, newest first. */
export function AuditTable({ entries, names, now }: AuditTableProps) {
  return (
    <StackingTable
      aria-label="Audit entries"
      className="md:table-fixed"
      columns={[['When', 'w-32'], ['Who', 'w-56'], ['What'], ['Number', 'w-24', 'hidden']]}
    >
      {entries.map((entry) => (
        <Row key={entry.seq} entry={entry} names={names} now={now} />
      ))}
    </StackingTable>
  );
}

const CELL = 'block px-4 py-0.5 align-top md:table-cell md:py-2.5';

function Row({ entry, names, now }: { entry: AuditRow; names: Record<string, string>; now: number }) {
  const [params] = useSearchParams();
  return (
    <tr
      role="row"
      data-row
      className="relative block border-b border-line py-2.5 last:border-b-0 md:table-row md:py-0"
    >
      <td role="cell" className={`${CELL} text-muted`}>
        <Time at={entry.at} now={now} />
      </td>
      <td role="cell" className={CELL}>
        <ActorCell entry={entry} />
      </td>
      <td role="cell" className={CELL}>
        <ActionCell entry={entry} names={names} />
      </td>
      <td
        role="cell"
        className="absolute top-2.5 right-4 md:static md:table-cell md:px-4 md:py-2.5 md:text-right md:align-top"
      >
        <Link
          to={AUDIT_TRAIL.childHref(String(entry.seq), params)}
          preventScrollReset
          className="text-muted tabular-nums hover:text-ink hover:underline"
        >
          <span className="sr-only">Entry </span>#{entry.seq}
        </Link>
      </td>
    </tr>
  );
}

function ActorCell({ entry: { actorId, actorEmail, address } }: { entry: AuditRow }) {
  const actor = actorEmail ?? actorId;
  return (
    <div className="grid justify-items-start">
      {actor === null ? (
        <span className="text-muted">{address === null ? 'Server' : 'Not signed in'}</span>
      ) : (
        <FilterLink filter={{ actor }} label={`Only entries by ${actor}`}>
          {actor}
        </FilterLink>
      )}
      {actor !== null && actorId === null ? <span className="text-xs text-muted">not signed in</span> : null}
    </div>
  );
}

function ActionCell({ entry, names }: { entry: AuditRow; names: Record<string, string> }) {
  const { action, keyId, toolId, details } = entry;
  const { purpose, environment, reason, tool } = details;
  const knownEnvironment = environments.find((one) => one === environment);
  const others = otherDetails(entry, names);
  return (
    <div className="grid min-w-0 gap-1">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <FilterLink filter={{ action }} label={`Only ${actionLabel(action)}`} plain>
          {actionLabel(action)}
        </FilterLink>
        {toolId === null ? null : (
          <FilterLink
            filter={{ tool: String(tool ?? toolId) }}
            label={`Only entries about ${names[toolId] ?? toolId}`}
          >
            {names[toolId] ?? toolId}
          </FilterLink>
        )}
        {knownEnvironment ? <EnvironmentBadge environment={knownEnvironment} /> : null}
        {keyId === null ? null : (
          <FilterLink filter={{ key: keyId }} label={`Only entries about the key ${names[keyId] ?? keyId}`}>
            <span className="font-mono text-xs">{names[keyId] ? `${names[keyId]}…` : keyId}</span>
          </FilterLink>
        )}
        {isSubjectShown(entry) ? null : (
          <span className="min-w-0 wrap-anywhere text-muted">{subjectLabel(entry, names)}</span>
        )}
      </p>
      {purpose ? <p className="wrap-anywhere text-muted">“{String(purpose)}”</p> : null}
      {reason ? <p className="wrap-anywhere">Reason: {String(reason)}</p> : null}
      {others.length > 0 ? (
        <p className="flex flex-wrap gap-x-3 wrap-anywhere text-muted">
          {others.map(([name, value]) => (
            <span key={name} className="min-w-0 wrap-anywhere">
              {name}: {value}
            </span>
          ))}
        </p>
      ) : null}
    </div>
  );
}

interface FilterLinkProps {
  filter: Record<string, string>;
  label: string;
  plain?: boolean;
  children: ReactNode;
}

/** A link that adds a filter to the list. */
function FilterLink({ filter, label, plain = false, children }: FilterLinkProps) {
  const [params] = useSearchParams();
  return (
    <Link
      to={AUDIT_TRAIL.href(params, filter)}
      title={label}
      className={`min-w-0 max-w-full wrap-anywhere hover:underline ${plain ? 'font-medium' : 'text-accent'}`}
    >
      {children}
    </Link>
  );
}

import { Link, useSearchParams } from '@remix-run/react';
import type { ReactNode } from 'react';
import type { AuditRow } from '~/audit/audit.schema';
import { EnvironmentBadge } from '~/ui/badge';
import { Time } from '~/ui/time';
import { environments } from '~db/schema/enums';
import { actionLabel, isSubjectSaid, otherDetails, subjectLabel } from './audit-labels';
import { AUDIT_TRAIL } from './audit-params';

interface AuditTableProps {
  entries: AuditRow[];
  names: Record<string, string>;
  now: number;
}

/** The trail, newest first. Narrow screens stack each row; the roles keep it a table to screen readers. */
export function AuditTable({ entries, names, now }: AuditTableProps) {
  return (
    <table
      role="table"
      aria-label="Audit entries"
      className="block w-full text-sm md:table md:table-fixed"
      data-list
    >
      <thead role="rowgroup" className="hidden md:table-header-group">
        <tr role="row" className="border-b border-line text-left text-xs text-muted">
          <Heading width="w-32">When</Heading>
          <Heading width="w-56">Who</Heading>
          <Heading>What</Heading>
          <Heading width="w-24">
            <span className="sr-only">Number</span>
          </Heading>
        </tr>
      </thead>
      <tbody role="rowgroup" className="block md:table-row-group">
        {entries.map((entry) => (
          <Row key={entry.seq} entry={entry} names={names} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function Heading({ width = '', children }: { width?: string; children: ReactNode }) {
  return (
    <th role="columnheader" scope="col" className={`px-4 py-2 font-medium ${width}`}>
      {children}
    </th>
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
        <Who entry={entry} />
      </td>
      <td role="cell" className={CELL}>
        <What entry={entry} names={names} />
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

function Who({ entry: { actorId, actorEmail, address } }: { entry: AuditRow }) {
  const shown = actorEmail ?? actorId;
  return (
    <div className="grid justify-items-start">
      {shown === null ? (
        <span className="text-muted">{address === null ? 'The server' : 'Somebody not signed in'}</span>
      ) : (
        <Narrow by={{ actor: shown }} label={`Only entries of ${shown}`}>
          {shown}
        </Narrow>
      )}
      {shown !== null && actorId === null ? <span className="text-xs text-muted">not signed in</span> : null}
    </div>
  );
}

function What({ entry, names }: { entry: AuditRow; names: Record<string, string> }) {
  const { action, keyId, toolId, details } = entry;
  const { purpose, environment, reason, tool } = details;
  const known = environments.find((one) => one === environment);
  const others = otherDetails(entry, names);
  return (
    <div className="grid min-w-0 gap-1">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Narrow by={{ action }} label={`Only ${actionLabel(action)}`} plain>
          {actionLabel(action)}
        </Narrow>
        {toolId === null ? null : (
          <Narrow
            by={{ tool: String(tool ?? toolId) }}
            label={`Only entries about ${names[toolId] ?? toolId}`}
          >
            {names[toolId] ?? toolId}
          </Narrow>
        )}
        {known ? <EnvironmentBadge environment={known} /> : null}
        {keyId === null ? null : (
          <Narrow by={{ key: keyId }} label={`Only entries about the key ${names[keyId] ?? keyId}`}>
            <span className="font-mono text-xs">{names[keyId] ? `${names[keyId]}…` : keyId}</span>
          </Narrow>
        )}
        {isSubjectSaid(entry) ? null : (
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

interface NarrowProps {
  by: Record<string, string>;
  label: string;
  plain?: boolean;
  children: ReactNode;
}

/** A link that narrows the list to what it names. */
function Narrow({ by, label, plain = false, children }: NarrowProps) {
  const [params] = useSearchParams();
  return (
    <Link
      to={AUDIT_TRAIL.href(params, by)}
      title={label}
      className={`min-w-0 max-w-full wrap-anywhere hover:underline ${plain ? 'font-medium' : 'text-accent'}`}
    >
      {children}
    </Link>
  );
}

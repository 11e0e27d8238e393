import type { SessionView } from '~/auth/auth.schema';
import { Badge } from '~/ui/badge';
import { Time } from '~/ui/time';
import { browserName } from './browser-name';

/** The browsers in which a person is signed in. */
export function SessionList({ sessions, now }: { sessions: SessionView[]; now: number }) {
  return (
    <ul className="divide-y divide-line text-sm">
      {sessions.map((session) => (
        <li
          key={`${session.createdAt} ${session.address} ${session.userAgent}`}
          className="grid gap-0.5 px-4 py-3"
        >
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-medium" title={session.userAgent}>
              {browserName(session.userAgent)}
            </span>
            {session.current ? <Badge tone="good">this one</Badge> : null}
          </p>
          <p className="text-muted">
            {session.address ? `From ${session.address}. ` : null}
            Signed in <Time at={session.createdAt} now={now} />, ends{' '}
            <Time at={session.expiresAt} now={now} /> unless used.
          </p>
        </li>
      ))}
    </ul>
  );
}

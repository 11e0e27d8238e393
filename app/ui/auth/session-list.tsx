import type { SessionView } from '~/auth/auth.schema';
import { Badge } from '~/ui/badge';
import { Time } from '~/ui/time';
import { browserName } from './browser-name';

/** A person's sessions, by browser. */
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
            {session.current ? <Badge tone="good">This browser</Badge> : null}
          </p>
          <p className="text-muted">
            Signed in <Time at={session.createdAt} now={now} />
            {session.address ? ` from ${session.address}` : null} · expires{' '}
            <Time at={session.expiresAt} now={now} /> if unused
          </p>
        </li>
      ))}
    </ul>
  );
}

import { Form, NavLink, useLocation } from '@remix-run/react';
import { Menu } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { UserRole } from '~db/schema/enums';
import { Button } from './button';
import { Icon, type IconName, IconSprite } from './icon';
import { Shortcuts, ShortcutsButton } from './keyboard-shortcuts';

interface NavigationProps {
  user: { name: string; email: string; role: UserRole };
  /** The number of pending requests; null for members. */
  pending: number | null;
}

const LINK =
  'flex min-h-9 items-center gap-2.5 rounded-md px-2.5 text-sm text-muted hover:bg-sunken hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:font-medium aria-[current=page]:text-ink';

function Item({
  to,
  icon,
  end,
  children,
}: {
  to: string;
  icon: IconName;
  end?: boolean;
  children: ReactNode;
}) {
  return (
    <li>
      <NavLink to={to} end={end} className={LINK}>
        <Icon name={icon} className="size-4 shrink-0" />
        {children}
      </NavLink>
    </li>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <p className="px-2.5 pb-1 text-xs font-medium text-muted">{title}</p>
      <ul className="grid gap-0.5">{children}</ul>
    </div>
  );
}

function Links({ user, pending }: NavigationProps) {
  return (
    <div className="grid gap-5">
      <Group title="You">
        <Item to="/me/ai-keys" icon="key">
          My AI Keys
        </Item>
        <Item to="/me/account" icon="account">
          Account
        </Item>
      </Group>
      {user.role === 'admin' ? (
        <>
          <Group title="Settings → AI">
            <Item to="/admin/ai/pending-keys" icon="requests">
              Pending key requests
              <PendingCount pending={pending} />
            </Item>
            <Item to="/admin/ai/tools" icon="tools">
              Tools
            </Item>
            <Item to="/admin/ai/keys" icon="keys">
              All keys
            </Item>
            <Item to="/admin/ai/service-accounts" icon="service-accounts">
              Service accounts
            </Item>
          </Group>
          <Group title="Settings">
            <Item to="/admin" icon="setup" end>
              Setup
            </Item>
            <Item to="/admin/users" icon="people">
              People
            </Item>
            <Item to="/admin/audit" icon="audit">
              Audit trail
            </Item>
          </Group>
        </>
      ) : null}
    </div>
  );
}

/** The number of pending requests, unless there are none. */
function PendingCount({ pending }: Pick<NavigationProps, 'pending'>) {
  if (!pending) return null;
  return (
    <span className="ml-auto rounded-full bg-wait-tint px-1.5 text-xs leading-5 font-medium text-wait">
      {pending}
      <span className="sr-only"> pending</span>
    </span>
  );
}

function SignedInUser({ user }: Pick<NavigationProps, 'user'>) {
  return (
    <div className="flex items-center justify-between gap-2 border-t border-line pt-3">
      <div className="min-w-0 px-2.5 text-sm">
        <p className="truncate font-medium">{user.name}</p>
        <p className="truncate text-xs text-muted" title={user.email}>
          {user.email}
        </p>
      </div>
      <Form method="post" action="/sign-out">
        <Button variant="quiet" aria-label="Sign out" title="Sign out" square>
          <Icon name="sign-out" />
        </Button>
      </Form>
    </div>
  );
}

function Brand() {
  return (
    <span className="flex items-center gap-2 px-2.5 font-semibold">
      <span aria-hidden className="grid size-6 place-items-center rounded-md bg-accent-fill text-on-accent">
        <Icon name="key" className="size-3.5" />
      </span>
      My AI Keys
    </span>
  );
}

/** A sidebar on wide screens; on narrow ones a menu, which opens without JavaScript too. */
export function Navigation(props: NavigationProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  const { pathname } = useLocation();
  const [areShortcutsOpen, setShortcutsOpen] = useState(false);
  const openShortcuts = () => setShortcutsOpen(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the menu.
  useEffect(() => menu.current?.removeAttribute('open'), [pathname]);
  return (
    <>
      <IconSprite />
      <Shortcuts open={areShortcutsOpen} onOpenChange={setShortcutsOpen} />
      <nav
        aria-label="Main"
        className="sticky top-0 hidden h-dvh w-60 shrink-0 flex-col gap-6 overflow-y-auto border-r border-line bg-surface px-3 py-4 lg:flex"
      >
        <Brand />
        <div className="flex-1">
          <Links {...props} />
        </div>
        <ShortcutsButton onClick={openShortcuts} />
        <SignedInUser user={props.user} />
      </nav>
      <details ref={menu} className="border-b border-line bg-surface px-3 py-2 lg:hidden">
        <summary className="plain-summary flex min-h-9 items-center justify-between rounded-md">
          <Brand />
          <span className="flex items-center gap-2 rounded-md px-2 text-sm text-muted">
            <PendingCount pending={props.pending} />
            <Menu aria-hidden className="size-5" /> Menu
          </span>
        </summary>
        <nav aria-label="Main" className="grid grid-cols-[minmax(0,1fr)] gap-4 py-3">
          <Links {...props} />
          {/* Also shown on a wide screen at 200 % zoom, which has a keyboard; a phone doesn't. */}
          <div className="pointer-coarse:hidden">
            <ShortcutsButton onClick={openShortcuts} />
          </div>
          <SignedInUser user={props.user} />
        </nav>
      </details>
    </>
  );
}

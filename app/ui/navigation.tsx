import { Form, NavLink, useLocation } from '@remix-run/react';
import { Menu } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
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

interface LinkGroup {
  title: string;
  links: [to: string, icon: IconName, label: string][];
}

const MEMBER_LINKS: LinkGroup[] = [
  {
    title: 'You',
    links: [
      ['/me/ai-keys', 'key', 'My AI Keys'],
      ['/me/account', 'account', 'Account'],
    ],
  },
];

const ADMIN_LINKS: LinkGroup[] = [
  ...MEMBER_LINKS,
  {
    title: 'Settings → AI',
    links: [
      ['/admin/ai/pending-keys', 'requests', 'Pending key requests'],
      ['/admin/ai/tools', 'tools', 'Tools'],
      ['/admin/ai/keys', 'keys', 'All keys'],
      ['/admin/ai/service-accounts', 'service-accounts', 'Service accounts'],
    ],
  },
  {
    title: 'Settings',
    links: [
      ['/admin', 'setup', 'Setup'],
      ['/admin/users', 'people', 'People'],
      ['/admin/audit', 'audit', 'Audit trail'],
    ],
  },
];

function Links({ user, pending }: NavigationProps) {
  const groups = user.role === 'admin' ? ADMIN_LINKS : MEMBER_LINKS;
  return (
    <div className="grid gap-5">
      {groups.map(({ title, links }) => (
        <div key={title}>
          <p className="px-2.5 pb-1 text-xs font-medium text-muted">{title}</p>
          <ul className="grid gap-0.5">
            {links.map(([to, icon, label]) => (
              <li key={to}>
                <NavLink to={to} end={to === '/admin'} className={LINK}>
                  <Icon name={icon} className="size-4 shrink-0" />
                  {label}
                  {icon === 'requests' ? <PendingCount pending={pending} /> : null}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
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

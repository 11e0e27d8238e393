import { Link } from '@remix-run/react';
import { useEffect, useRef, useState } from 'react';
import { Icon } from './icon';

interface RowMenuProps {
  /** The accessible name, for example *More for Echo, development*. */
  label: string;
  items: { to: string; label: string }[];
}

/**
 * More links for a row, behind three dots. Opens without JavaScript; with it, Escape, a click outside and moving the focus
 * away close it. Only an open menu listens to events, since a list has many.
 */
export function RowMenu({ label, items }: RowMenuProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event) => {
      const element = menu.current;
      if (element === null) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== 'Escape') return;
        element.querySelector('summary')?.focus();
      } else if (event.target instanceof Node && element.contains(event.target)) return;
      element.open = false;
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close);
    document.addEventListener('focusin', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close);
      document.removeEventListener('focusin', close);
    };
  }, [open]);
  return (
    <details ref={menu} onToggle={() => setOpen(menu.current?.open ?? false)} className="relative">
      <summary
        aria-label={label}
        className="plain-summary grid size-9 place-items-center rounded-md text-muted hover:bg-sunken hover:text-ink"
      >
        <Icon name="more" />
      </summary>
      <ul className="absolute right-0 z-20 mt-1 grid min-w-56 gap-0.5 rounded-md border border-line bg-surface p-1 shadow-float">
        {items.map((item) => (
          <li key={item.to}>
            <Link
              to={item.to}
              preventScrollReset
              onClick={() => menu.current?.removeAttribute('open')}
              className="flex min-h-9 items-center rounded px-2.5 text-sm whitespace-nowrap hover:bg-sunken"
            >
              {item.label}
            </Link>
          </li>
        ))}
      </ul>
    </details>
  );
}

import * as Dialog from '@radix-ui/react-dialog';
import { Keyboard } from 'lucide-react';
import { useEffect, useSyncExternalStore } from 'react';
import { Button } from './button';
import { useReturnFocus } from './dialogs';
import { useHydrated } from './use-hydrated';

const SETTING = 'shortcuts';
const CHANGED = 'shortcuts-changed';

const SHORTCUTS: [key: string, does: string][] = [
  ['/', 'Go to the search'],
  ['j', 'Go to the next row'],
  ['k', 'Go to the row before'],
  ['n', 'Request a key'],
  ['a', 'Approve the row’s request'],
  ['d', 'Decline the row’s request'],
  ['?', 'Show this list'],
];

interface ShortcutsProps {
  /** Whether their list is open. */
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/**
 * Single-key shortcuts for lists, marked up by the lists themselves: `data-list` around, `data-row` on each
 * row, `data-shortcut="a"` on what the key presses. They act only while the focus is in a list, and can be
 * turned off (WCAG 2.1.4), so that speech input and stray keys do nothing.
 */
export function Shortcuts({ open, onOpenChange }: ShortcutsProps) {
  const enabled = useSyncExternalStore(
    (changed) => {
      window.addEventListener(CHANGED, changed);
      return () => window.removeEventListener(CHANGED, changed);
    },
    () => localStorage.getItem(SETTING) !== 'off',
    () => true,
  );

  useEffect(() => {
    if (!enabled) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLElement)) return;
      if (event.target.matches('input:not([type=checkbox]), textarea, select')) return;
      if (event.target.closest('[data-list]') === null) return;
      if (event.key === '?') onOpenChange(true);
      else if (!act(event.key, event.target)) return;
      event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [enabled, onOpenChange]);

  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <div className="fixed inset-0 z-40 touch-none bg-veil" />
        <ShortcutList enabled={enabled} />
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Opens the list of shortcuts. Without JavaScript there are none, and nothing is said of them. */
export function ShortcutsButton({ onClick }: { onClick: () => void }) {
  if (!useHydrated()) return null;
  return (
    <Button
      type="button"
      variant="quiet"
      className="w-full justify-start px-2.5 font-normal"
      onClick={onClick}
    >
      <Keyboard aria-hidden className="size-4" />
      Keyboard shortcuts
    </Button>
  );
}

function choose(on: boolean): void {
  localStorage.setItem(SETTING, on ? 'on' : 'off');
  window.dispatchEvent(new Event(CHANGED));
}

function ShortcutList({ enabled }: { enabled: boolean }) {
  // Opened from a row by `?`, it leads back to that row.
  const returnFocus = useReturnFocus();
  return (
    <Dialog.Content
      data-enter="rise"
      aria-describedby="shortcuts-scope"
      onCloseAutoFocus={returnFocus}
      className="fixed inset-x-4 top-[12vh] z-50 mx-auto max-h-[80vh] max-w-[26rem] overflow-y-auto rounded-lg bg-surface p-5 shadow-float"
    >
      <Dialog.Title className="text-lg font-semibold">Keyboard shortcuts</Dialog.Title>
      <Dialog.Description id="shortcuts-scope" className="mt-1 text-sm text-muted">
        They work while the focus is in a list.
      </Dialog.Description>
      <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-sm">
        {SHORTCUTS.map(([key, does]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="inline-grid min-w-7 place-items-center rounded border border-line bg-sunken px-1.5 font-mono">
                {key}
              </kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label className="mt-5 flex items-center gap-2.5 border-t border-line pt-4 text-sm">
        <input
          type="checkbox"
          className="size-4"
          checked={enabled}
          onChange={(event) => choose(event.currentTarget.checked)}
        />
        Use keyboard shortcuts
      </label>
      <Dialog.Close asChild>
        <Button type="button" className="mt-4">
          Close
        </Button>
      </Dialog.Close>
    </Dialog.Content>
  );
}

const FOCUSABLE = 'a[href], button, input:not([type=hidden], :disabled), summary';
/** What *n* stands for on a row: its own *Request*, or on a key's row the way to another environment. */
const REQUEST = '[data-shortcut="n"], a[href*="/request/"]';

/** Does what the key stands for; false when it stands for nothing here. */
function act(key: string, from: HTMLElement): boolean {
  const row = from.closest<HTMLElement>('[data-row]');
  switch (key) {
    case '/':
      return focusOn(document.querySelector<HTMLElement>('[role=search] input[type=search]'));
    case 'j':
    case 'k': {
      const rows = [...document.querySelectorAll<HTMLElement>('[data-list] [data-row]')];
      const next = rows[(row === null ? -1 : rows.indexOf(row)) + (key === 'j' ? 1 : -1)];
      return next !== undefined && focusOnRow(next);
    }
    case 'n':
      return (
        press(row?.querySelector<HTMLElement>(REQUEST)) ||
        press(document.querySelector<HTMLElement>('[data-shortcut="n"]'))
      );
    case 'a':
    case 'd':
      return press(row?.querySelector<HTMLElement>(`[data-shortcut="${key}"]`));
    default:
      return false;
  }
}

/** Puts the focus on a row's first control; on the row itself where it has none, so that none is stepped over. */
export function focusOnRow(row: HTMLElement): boolean {
  const control = row.querySelector<HTMLElement>(FOCUSABLE);
  if (control === null) row.tabIndex = -1;
  return focusOn(control ?? row);
}

function press(element: HTMLElement | null | undefined): boolean {
  element?.click();
  return element !== null && element !== undefined;
}

function focusOn(element: HTMLElement | null | undefined): boolean {
  element?.focus();
  return element !== null && element !== undefined;
}

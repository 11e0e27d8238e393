import * as Dialog from '@radix-ui/react-dialog';
import { Keyboard } from 'lucide-react';
import { useEffect, useSyncExternalStore } from 'react';
import { Button } from './button';
import { useReturnFocus } from './dialogs';
import { useHydrated } from './use-hydrated';

const SETTING = 'shortcuts';
const CHANGED = 'shortcuts-changed';

const SHORTCUTS: [key: string, action: string][] = [
  ['/', 'Search'],
  ['j', 'Next row'],
  ['k', 'Previous row'],
  ['n', 'Request a key'],
  ['a', 'Approve the request'],
  ['d', 'Reject the request'],
  ['?', 'Show keyboard shortcuts'],
];

interface ShortcutsProps {
  /** Whether the list of shortcuts is open. */
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/**
 * Single-key shortcuts for lists. A list has `data-list`, each row `data-row`, and the button that the key *a* presses
 * `data-shortcut="a"`. They work only while the focus is in a list and can be turned off (WCAG 2.1.4).
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
    const handleKey = (event: KeyboardEvent) => {
      const element = shortcutTarget(event);
      if (element === null) return;
      if (event.key === '?') onOpenChange(true);
      else if (!runShortcut(event.key, element)) return;
      event.preventDefault();
    };
    document.addEventListener('keydown', handleKey);
    return () => document.removeEventListener('keydown', handleKey);
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

/** Opens the list of shortcuts. Absent without JavaScript, which they need. */
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

function setEnabled(on: boolean): void {
  localStorage.setItem(SETTING, on ? 'on' : 'off');
  window.dispatchEvent(new Event(CHANGED));
}

function ShortcutList({ enabled }: { enabled: boolean }) {
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
        Available while a list has the focus.
      </Dialog.Description>
      <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-sm">
        {SHORTCUTS.map(([key, action]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="inline-grid min-w-7 place-items-center rounded border border-line bg-sunken px-1.5 font-mono">
                {key}
              </kbd>
            </dt>
            <dd>{action}</dd>
          </div>
        ))}
      </dl>
      <label className="mt-5 flex items-center gap-2.5 border-t border-line pt-4 text-sm">
        <input
          type="checkbox"
          className="size-4"
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
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
/** What *n* presses on a row: *Request*, or *Request another environment* on a key's row. */
const REQUEST = '[data-shortcut="n"], a[href*="/request/"]';

/** The element in a list that received the key; null if it isn't meant as a shortcut. */
function shortcutTarget({ ctrlKey, metaKey, altKey, target }: KeyboardEvent): HTMLElement | null {
  if (ctrlKey || metaKey || altKey || !(target instanceof HTMLElement)) return null;
  const isTyping = target.matches('input:not([type=checkbox]), textarea, select');
  return isTyping || target.closest('[data-list]') === null ? null : target;
}

/** Runs the key's action; false if it has none here. */
function runShortcut(key: string, from: HTMLElement): boolean {
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

/** Focuses a row's first control, or the row itself if it has none, so that *j* and *k* skip no row. */
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

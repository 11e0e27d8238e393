import { type FocusEvent, useEffect, useRef } from 'react';
import { focusOnRow } from './keyboard-shortcuts';

/**
 * Keeps the focus in a list when the focused row disappears, such as an approved request: it moves to the next row, or to the
 * page's heading if none is left. Without it, keyboard users would start again at the top. Returns the list's event handlers.
 */
export function useListFocus() {
  const last = useRef<{ row: HTMLElement; index: number } | null>(null);
  useEffect(() => {
    const gone = last.current;
    if (gone === null || gone.row.isConnected) return;
    last.current = null;
    if (document.activeElement !== document.body) return;
    const rows = document.querySelectorAll<HTMLElement>('[data-list] [data-row]');
    const next = rows[Math.min(gone.index, rows.length - 1)];
    if (next !== undefined) focusOnRow(next);
    else document.querySelector<HTMLElement>('[data-page-heading]')?.focus();
  });
  return {
    onFocus({ target, currentTarget }: FocusEvent<HTMLElement>) {
      const row = target.closest<HTMLElement>('[data-row]');
      const rows = [...currentTarget.querySelectorAll('[data-row]')];
      last.current = row && { row, index: rows.indexOf(row) };
    },
    /** A blur to nothing is deliberate. A dialog, on the other hand, returns the focus. */
    onBlur({ relatedTarget }: FocusEvent<HTMLElement>) {
      if (relatedTarget === null) last.current = null;
    },
  };
}

import { type FocusEvent, useEffect, useRef } from 'react';
import { focusOnRow } from './keyboard-shortcuts';

/**
 * Keeps the focus in a list when the row that has it goes, as a request does that was decided on: it moves to the
 * row that takes its place, or to the page's heading when none is left. Otherwise each decision would throw whoever
 * works by keyboard back to the start of the page. Answers what the list's element listens with.
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
    /** Put down on nothing, it is not to jump back; in a dialog, it comes back. */
    onBlur({ relatedTarget }: FocusEvent<HTMLElement>) {
      if (relatedTarget === null) last.current = null;
    },
  };
}

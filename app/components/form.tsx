import { useNavigation } from '@remix-run/react';
import { type RefObject, useEffect, useRef } from 'react';

/** Whether a form that posts to `action` (a path) is on its way. */
export function useSubmitting(action?: string): boolean {
  const navigation = useNavigation();
  if (navigation.state === 'idle' || navigation.formMethod !== 'POST') return false;
  return action === undefined || navigation.formAction?.split('?', 1)[0] === action;
}

/**
 * Moves the focus to the first field that the server found wrong, each time a new answer arrives; the form
 * itself when the problem belongs to no field.
 */
export function useFocusOnError(result: unknown): RefObject<HTMLFormElement> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (typeof result !== 'object' || result === null || !('ok' in result) || result.ok !== false) return;
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    field?.focus();
  }, [result]);
  return form;
}

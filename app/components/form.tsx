import { useNavigation } from '@remix-run/react';
import { type RefObject, useEffect, useRef } from 'react';

/** Whether a form that posts to `action` (a path) is on its way. */
export function useSubmitting(action?: string): boolean {
  const navigation = useNavigation();
  if (navigation.state === 'idle' || navigation.formMethod !== 'POST') return false;
  return action === undefined || navigation.formAction?.split('?', 1)[0] === action;
}

/**
 * Moves the focus to the first field that the server found wrong, each time a new answer arrives; to
 * the sentence above the fields when the problem belongs to none.
 */
export function useFocusOnError(result: unknown): RefObject<HTMLFormElement> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (typeof result !== 'object' || result === null || !('ok' in result) || result.ok !== false) return;
    const find = (selector: string) => form.current?.querySelector<HTMLElement>(selector);
    (find('[aria-invalid="true"]') ?? find('[data-form-problem]'))?.focus();
  }, [result]);
  return form;
}

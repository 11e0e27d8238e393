import { useActionData, useFormAction, useLocation, useNavigation } from '@remix-run/react';
import { type RefObject, useEffect, useRef, useState } from 'react';

/** Whether a form that posts to the path `action` (default: this route's) is being sent. Other forms, such as sign-out, don't count. */
export function useSubmitting(action?: string): boolean {
  const navigation = useNavigation();
  const ownAction = useFormAction();
  if (navigation.state === 'idle' || navigation.formMethod !== 'POST') return false;
  const pathOf = (url = '') => url.split('?', 1)[0];
  return pathOf(navigation.formAction) === pathOf(action ?? ownAction);
}

/** Moves the focus to the first invalid field when a new result arrives, or to the message above the fields. */
export function useFocusOnError<Root extends HTMLElement = HTMLFormElement>(
  result: unknown,
): RefObject<Root> {
  const form = useRef<Root>(null);
  useEffect(() => {
    if (typeof result !== 'object' || result === null || !('ok' in result) || result.ok !== false) return;
    const find = (selector: string) => form.current?.querySelector<HTMLElement>(selector);
    (find('[aria-invalid="true"]') ?? find('[data-form-error]'))?.focus();
  }, [result]);
  return form;
}

/**
 * The action's result, until the next navigation. Remix's `useActionData` drops it on every revalidation, which a live page
 * does at any moment: an error would vanish while someone reads it, and a raw key while someone copies it.
 */
export function useStickyActionData<Action>(): ReturnType<typeof useActionData<Action>> {
  const data = useActionData<Action>();
  const { key } = useLocation();
  const [last, setLast] = useState({ key, data });
  if (data !== undefined) {
    if (last.data !== data || last.key !== key) setLast({ key, data });
    return data;
  }
  return last.key === key ? last.data : undefined;
}

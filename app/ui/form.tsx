import { useActionData, useFormAction, useLocation, useNavigation } from '@remix-run/react';
import { type RefObject, useEffect, useRef, useState } from 'react';

/**
 * Whether a form that posts to `action`, a path, is on its way; without one, a form of the route that asks.
 * Another form's way, signing out say, makes no button busy but its own.
 */
export function useSubmitting(action?: string): boolean {
  const navigation = useNavigation();
  const ownAction = useFormAction();
  if (navigation.state === 'idle' || navigation.formMethod !== 'POST') return false;
  const pathOf = (address = '') => address.split('?', 1)[0];
  return pathOf(navigation.formAction) === pathOf(action ?? ownAction);
}

/**
 * Moves the focus to the first field that the server found wrong, each time a new answer arrives; to
 * the sentence above the fields when the problem belongs to none.
 */
export function useFocusOnError<Root extends HTMLElement = HTMLFormElement>(
  result: unknown,
): RefObject<Root> {
  const form = useRef<Root>(null);
  useEffect(() => {
    if (typeof result !== 'object' || result === null || !('ok' in result) || result.ok !== false) return;
    const find = (selector: string) => form.current?.querySelector<HTMLElement>(selector);
    (find('[aria-invalid="true"]') ?? find('[data-form-problem]'))?.focus();
  }, [result]);
  return form;
}

/**
 * The action's answer, until the person goes elsewhere. Remix's own `useActionData` forgets it whenever the
 * page loads its data anew, which a live page does at any moment: a refusal would vanish while it is being
 * read, and a raw key while it is being copied.
 */
export function useStickyActionData<Action>(): ReturnType<typeof useActionData<Action>> {
  const answer = useActionData<Action>();
  const { key } = useLocation();
  const [kept, setKept] = useState({ key, answer });
  if (answer !== undefined) {
    if (kept.answer !== answer || kept.key !== key) setKept({ key, answer });
    return answer;
  }
  return kept.key === key ? kept.answer : undefined;
}

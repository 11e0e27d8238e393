import { Form } from '@remix-run/react';
import type { ComponentProps, ReactNode } from 'react';
import { Button } from '~/ui/button';
import { useFocusOnError, useSubmitting } from '~/ui/form';
import { FormProblem } from '~/ui/notice';

interface DoorFormProps {
  /** What the form's action answered. */
  result: ComponentProps<typeof FormProblem>['result'];
  /** The button's words, and those while the form is on its way. */
  words: [idle: string, busy: string];
  /** Its fields. */
  children: ReactNode;
}

/** The one form on a page in front of the door; the server alone says what is wrong with it. */
export function DoorForm({ result, words: [idle, underWay], children }: DoorFormProps) {
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  return (
    <Form ref={form} method="post" className="grid gap-4" noValidate>
      <FormProblem result={result} />
      {children}
      <Button look="primary" busy={busy}>
        {busy ? underWay : idle}
      </Button>
    </Form>
  );
}

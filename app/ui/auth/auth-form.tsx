import { Form } from '@remix-run/react';
import type { ComponentProps, ReactNode } from 'react';
import { Button } from '~/ui/button';
import { useFocusOnError, useSubmitting } from '~/ui/form';
import { FormError } from '~/ui/notice';

interface AuthFormProps {
  /** What the form's action answered. */
  result: ComponentProps<typeof FormError>['result'];
  /** The button's words, and those while the form is on its way. */
  words: [idle: string, busy: string];
  /** Its fields. */
  children: ReactNode;
}

/** The one form on a sign-in page; the server alone says what is wrong with it. */
export function AuthForm({ result, words: [idle, underWay], children }: AuthFormProps) {
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  return (
    <Form ref={form} method="post" className="grid gap-4" noValidate>
      <FormError result={result} />
      {children}
      <Button variant="primary" busy={busy}>
        {busy ? underWay : idle}
      </Button>
    </Form>
  );
}

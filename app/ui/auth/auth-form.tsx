import { Form } from '@remix-run/react';
import type { ReactNode } from 'react';
import { Button } from '~/ui/button';
import { useFocusOnError, useSubmitting } from '~/ui/form';
import { FormError, type FormResult } from '~/ui/notice';

interface AuthFormProps {
  /** What the action returned. */
  result: FormResult;
  submitLabel: string;
  busyLabel: string;
  /** The fields. */
  children: ReactNode;
}

/** The form of a page for people who aren't signed in. Only the server validates it. */
export function AuthForm({ result, submitLabel, busyLabel, children }: AuthFormProps) {
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  return (
    <Form ref={form} method="post" className="grid gap-4" noValidate>
      <FormError result={result} />
      {children}
      <Button variant="primary" busy={busy}>
        {busy ? busyLabel : submitLabel}
      </Button>
    </Form>
  );
}

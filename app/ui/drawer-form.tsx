import { Form } from '@remix-run/react';
import type { ReactNode } from 'react';
import { Button, LinkButton } from './button';
import { useFocusOnError, useSubmitting } from './form';
import { FormError, type FormResult } from './notice';

interface DrawerFormProps {
  /** What the action returned. */
  result: FormResult;
  submitLabel: ReactNode;
  backTo: string;
  /** The fields. */
  children: ReactNode;
}

/** The form in a drawer: what went wrong, its fields, the submit button and *Cancel*. */
export function DrawerForm({ result, submitLabel, backTo, children }: DrawerFormProps) {
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  return (
    <Form ref={form} method="post" preventScrollReset noValidate className="group grid gap-5">
      <FormError result={result} />
      {children}
      <div className="flex flex-row-reverse justify-start gap-2">
        <Button variant="primary" busy={busy}>
          {submitLabel}
        </Button>
        <LinkButton to={backTo} preventScrollReset variant="quiet">
          Cancel
        </LinkButton>
      </div>
    </Form>
  );
}

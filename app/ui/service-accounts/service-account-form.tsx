import { Form } from '@remix-run/react';
import type { ErrorReason } from '~/core/error-catalogue';
import { PURPOSE_LENGTH, SERVICE_ACCOUNT_NAME_LENGTH } from '~/core/limits';
import { Button, LinkButton } from '~/ui/button';
import { TextField } from '~/ui/field';
import { useFocusOnError, useSubmitting } from '~/ui/form';
import { FormError } from '~/ui/notice';

/** What the form holds. */
export interface ServiceAccountValues extends Record<string, string> {
  name: string;
  purpose: string;
}

/** Reads the form, as typed. */
export const readServiceAccountForm = (form: FormData): ServiceAccountValues => ({
  name: String(form.get('name') ?? ''),
  purpose: String(form.get('purpose') ?? ''),
});

/** The field to which a refusal belongs that the schema does not make. */
export const REFUSED_FIELDS: Partial<Record<ErrorReason, string>> = { 'service-account-name-taken': 'name' };

interface ServiceAccountFormProps {
  initial: ServiceAccountValues;
  refused:
    | { ok: false; message: string; fields: Record<string, string>; values: ServiceAccountValues }
    | undefined;
  submitWords: string;
  backTo: string;
}

/** Makes an account, or changes one. */
export function ServiceAccountForm({ initial, refused, submitWords, backTo }: ServiceAccountFormProps) {
  const form = useFocusOnError(refused);
  const busy = useSubmitting();
  const values = refused?.values ?? initial;
  return (
    <Form ref={form} method="post" preventScrollReset className="grid gap-5">
      <FormError result={refused} />
      <TextField
        label="Name"
        name="name"
        required
        minLength={SERVICE_ACCOUNT_NAME_LENGTH.min}
        maxLength={SERVICE_ACCOUNT_NAME_LENGTH.max}
        defaultValue={values.name}
        error={refused?.fields.name}
        hint="Plain letters and digits: services behind the verify endpoint get it in a header."
        placeholder="ci/release-notes"
      />
      <TextField
        label="Purpose"
        name="purpose"
        required
        minLength={PURPOSE_LENGTH.min}
        maxLength={PURPOSE_LENGTH.max}
        defaultValue={values.purpose}
        error={refused?.fields.purpose}
        hint="One line: what runs as it, and where."
        placeholder="For example: writes the release notes, in the deploy pipeline"
      />
      <div className="flex flex-row-reverse justify-start gap-2">
        <Button variant="primary" busy={busy}>
          {submitWords}
        </Button>
        <LinkButton to={backTo} preventScrollReset variant="quiet">
          Cancel
        </LinkButton>
      </div>
    </Form>
  );
}

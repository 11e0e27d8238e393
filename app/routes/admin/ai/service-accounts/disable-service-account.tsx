import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { z } from 'zod';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { confirmationError } from '~/api/typed-confirmation.server';
import { REASON_LENGTH } from '~/core/limits';
import { disableServiceAccountInput } from '~/service-accounts/service-accounts.schema';
import { ConfirmDialog } from '~/ui/confirm-dialog';
import { TextField } from '~/ui/field';
import { fieldProps } from '~/ui/field-props';
import { useStickyActionData } from '~/ui/form';
import { counted } from '~/ui/list-toolbar';
import { SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';
import { TypedConfirmation } from '~/ui/typed-confirmation';

export const meta: MetaFunction = () => [{ title: 'Disable a service account · My AI Keys' }];

export const loader = (args: LoaderFunctionArgs) =>
  load(args, (api) => api.serviceAccounts.get({ serviceAccountId: args.params.accountId ?? '' }));

const disableForm = disableServiceAccountInput.pick({ reason: true }).extend({ confirmation: z.string() });

export async function action(args: ActionFunctionArgs) {
  const { input, values } = await readForm(args.request, disableForm);
  const { id, name } = await loader(args);
  const unconfirmed = confirmationError(name, input.confirmation);
  if (unconfirmed !== null) return formErrorResponse(unconfirmed, values);
  const result = await submit(args, (api) =>
    api.serviceAccounts.disable({ serviceAccountId: id, reason: input.reason }),
  );
  if (!result.ok) return formErrorResponse(result, values);
  const { searchParams } = new URL(args.request.url);
  return redirectWithFlash(
    args,
    SERVICE_ACCOUNTS.childHref(id, searchParams),
    'Service account disabled. Its active keys are revoked.',
  );
}

export default function DisableServiceAccount() {
  const account = useLoaderData<typeof loader>();
  const error = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Disable ${account.name}?`}
      description={
        <p>
          {account.activeKeys > 0
            ? `Its ${counted(account.activeKeys, 'active key')} will be revoked. Anything using them stops working immediately, including running streams. This can’t be undone. `
            : 'It has no active keys. '}
          No key can be issued until an admin enables it.
        </p>
      }
      backTo={SERVICE_ACCOUNTS.childHref(account.id, params)}
      confirmLabel="Disable"
      result={error}
    >
      <TextField
        label="Reason"
        {...fieldProps(error, 'reason')}
        maxLength={REASON_LENGTH.max}
        hint="Optional. Recorded on the audit trail and shown with each revoked key."
      />
      <TypedConfirmation
        expected={account.name}
        defaultValue={error?.values.confirmation}
        error={error?.fields.confirmation}
      />
    </ConfirmDialog>
  );
}

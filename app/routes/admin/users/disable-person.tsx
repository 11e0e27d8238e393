import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { REASON_LENGTH } from '~/core/limits';
import { ConfirmDialog } from '~/ui/confirm-dialog';
import { TextField } from '~/ui/field';
import { fieldProps } from '~/ui/field-props';
import { useStickyActionData } from '~/ui/form';
import { counted } from '~/ui/list-toolbar';
import { PEOPLE } from '~/ui/users/people-params';
import { disableInput } from '~/users/users.schema';

export const meta: MetaFunction = () => [{ title: 'Disable a person · My AI Keys' }];

export const loader = (args: LoaderFunctionArgs) =>
  load(args, (api) => api.users.get({ userId: args.params.userId ?? '' }));

const disableForm = disableInput.pick({ reason: true });

export async function action(args: ActionFunctionArgs) {
  const { userId = '' } = args.params;
  const { input, values } = await readForm(args.request, disableForm);
  const result = await submit(args, (api) => api.users.disable({ ...input, userId }));
  if (!result.ok) return formErrorResponse(result, values);
  const { searchParams } = new URL(args.request.url);
  return redirectWithFlash(
    args,
    PEOPLE.childHref(userId, searchParams),
    'Disabled. They are signed out, their keys are revoked and their requests withdrawn.',
  );
}

export default function DisablePerson() {
  const person = useLoaderData<typeof loader>();
  const error = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Disable ${person.name}?`}
      description={
        <>
          <p className="break-all">{person.email}</p>
          <p>
            {person.activeKeys > 0 || person.pendingRequests > 0
              ? `${counted(person.activeKeys, 'active key')} will be revoked and ${counted(person.pendingRequests, 'request')} withdrawn, immediately. This can’t be undone. `
              : 'They have no live keys. '}
            They are signed out everywhere and can’t sign in until an admin enables them.
          </p>
        </>
      }
      backTo={PEOPLE.childHref(person.id, params)}
      confirmLabel="Disable"
      result={error}
    >
      <TextField
        label="Reason"
        {...fieldProps(error, 'reason')}
        maxLength={REASON_LENGTH.max}
        hint="Optional. Recorded on the audit trail and shown with each revoked key."
      />
    </ConfirmDialog>
  );
}

import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { REASON_LENGTH } from '~/core/limits';
import { Button } from '~/ui/button';
import { ConfirmDialog } from '~/ui/dialogs';
import { TextField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { counted } from '~/ui/list-toolbar';
import { FormError } from '~/ui/notice';

export const meta: MetaFunction = () => [{ title: 'Disable somebody · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return { person: await load(args, (api) => api.users.get({ userId: args.params.userId ?? '' })) };
}

export async function action(args: ActionFunctionArgs) {
  const userId = args.params.userId ?? '';
  const form = await args.request.formData();
  const reason = String(form.get('reason') ?? '');
  const result = await submit(args, (api) =>
    api.users.disable({ userId, reason: reason.trim() || undefined }),
  );
  if (!result.ok) return formErrorResponse(result, { reason });
  const url = new URL(args.request.url);
  url.searchParams.set('done', 'disable');
  return redirect(`/admin/users/${userId}${url.search}`, 303);
}

export default function DisablePerson() {
  const { person } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Disable ${person.name}?`}
      description={
        <>
          <p className="break-all">{person.email}</p>
          <p>
            {person.activeKeys > 0 || person.pendingRequests > 0
              ? `${counted(person.activeKeys, 'active key')} will be revoked and ${counted(person.pendingRequests, 'request')} withdrawn, at once and for good. `
              : 'They hold no live keys. '}
            They are signed out everywhere and cannot sign in until an admin enables them again.
          </p>
        </>
      }
      backTo={`/admin/users/${person.id}?${params}`}
    >
      <Form ref={form} method="post" preventScrollReset className="contents">
        <div className="order-first grid w-full gap-3">
          <FormError result={result} />
          <TextField
            label="Reason"
            name="reason"
            maxLength={REASON_LENGTH.max}
            defaultValue={result?.values.reason}
            error={result?.fields.reason}
            hint="Not required. It stands on the audit trail and beside each key that is revoked."
          />
        </div>
        <Button variant="danger" busy={busy}>
          Disable
        </Button>
      </Form>
    </ConfirmDialog>
  );
}

import {
  type ActionFunctionArgs,
  data,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { load, submit } from '~/api/call-from-route.server';
import { REASON_LENGTH } from '~/core/limits';
import { Button } from '~/ui/button';
import { ConfirmDialog } from '~/ui/dialogs';
import { TextField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { counted } from '~/ui/list-toolbar';
import { FormError } from '~/ui/notice';

export const meta: MetaFunction = () => [{ title: 'Disable a service account · My AI Keys' }];

const read = (args: LoaderFunctionArgs) =>
  load(args, (api) => api.serviceAccounts.get({ serviceAccountId: args.params.accountId ?? '' }));

export async function loader(args: LoaderFunctionArgs) {
  return { account: await read(args) };
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const typed = {
    reason: String(form.get('reason') ?? ''),
    confirmation: String(form.get('confirmation') ?? ''),
  };
  const { id, name } = await read(args);
  const again = (status: number, message: string, fields: Record<string, string>) =>
    data({ ok: false as const, message, fields, typed }, { status });
  // A guard against haste, not a rule: whoever may disable accounts may do so through the API without it.
  if (typed.confirmation.trim() !== name) {
    return again(400, 'Nothing was disabled yet: it is not confirmed.', {
      confirmation: `Type ${name} exactly.`,
    });
  }
  const result = await submit(args, (api) =>
    api.serviceAccounts.disable({ serviceAccountId: id, reason: typed.reason.trim() || undefined }),
  );
  if (!result.ok) return again(result.status, result.message, result.fields);
  const { searchParams } = new URL(args.request.url);
  searchParams.set('done', 'disabled');
  return redirect(`/admin/ai/service-accounts/${id}?${searchParams}`, 303);
}

export default function DisableServiceAccount() {
  const { account } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Disable ${account.name}?`}
      description={
        <p>
          {account.activeKeys > 0
            ? `Its ${counted(account.activeKeys, 'active key')} will be revoked, at once and for good: whatever uses one stops working, streams under way included.`
            : 'It holds no active key.'}{' '}
          No key can be issued for it until an admin enables it again.
        </p>
      }
      backTo={`/admin/ai/service-accounts/${account.id}?${params}`}
    >
      <Form ref={form} method="post" preventScrollReset className="contents">
        <div className="order-first grid w-full gap-3">
          <FormError result={result} />
          <TextField
            label="Reason"
            name="reason"
            maxLength={REASON_LENGTH.max}
            defaultValue={result?.typed.reason}
            error={result?.fields.reason}
            hint="Not required. It stands on the audit trail and beside each key that is revoked."
          />
          <TextField
            label={
              <>
                Type <span className="font-mono">{account.name}</span> to confirm
              </>
            }
            name="confirmation"
            required
            defaultValue={result?.typed.confirmation}
            error={result?.fields.confirmation}
          />
        </div>
        <Button variant="danger" busy={busy}>
          Disable
        </Button>
      </Form>
    </ConfirmDialog>
  );
}

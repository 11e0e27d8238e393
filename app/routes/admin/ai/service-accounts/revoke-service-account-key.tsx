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
import { EnvironmentBadge } from '~/ui/badge';
import { Button } from '~/ui/button';
import { ConfirmDialog } from '~/ui/dialogs';
import { TextAreaField, TextField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { FormError } from '~/ui/notice';
import { Time } from '~/ui/time';

export const meta: MetaFunction = () => [{ title: 'Revoke a key · My AI Keys' }];

/** The account, and its key while that can still be revoked. */
const read = (args: LoaderFunctionArgs) =>
  load(args, async (api) => {
    const account = await api.serviceAccounts.get({ serviceAccountId: args.params.accountId ?? '' });
    const held = account.keys.find(({ id, status }) => id === args.params.keyId && status === 'ACTIVE');
    return { account: { id: account.id, name: account.name }, held: held ?? null };
  });

export async function loader(args: LoaderFunctionArgs) {
  return { ...(await read(args)), now: args.context.trpc.app.now() };
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const typed = {
    reason: String(form.get('reason') ?? ''),
    confirmation: String(form.get('confirmation') ?? ''),
  };
  const { account, held } = await read(args);
  const again = (status: number, message: string, fields: Record<string, string>) =>
    data({ ok: false as const, message, fields, typed }, { status });
  if (held === null) return again(409, 'Nothing was changed: this is no active key of this account.', {});
  // A guard against haste, not a rule: whoever may revoke keys may do so through the API without it.
  if (typed.confirmation.trim() !== account.name) {
    return again(400, 'Nothing was revoked yet: it is not confirmed.', {
      confirmation: `Type ${account.name} exactly.`,
    });
  }
  const result = await submit(args, (api) =>
    api.keys.revoke({ keyId: held.id, reason: typed.reason.trim() || undefined }),
  );
  if (!result.ok) {
    const missing = result.reason === 'reason-required';
    return again(result.status, result.message, missing ? { reason: result.message } : result.fields);
  }
  const { searchParams } = new URL(args.request.url);
  searchParams.set('done', 'revoked');
  return redirect(`/admin/ai/service-accounts/${account.id}?${searchParams}`, 303);
}

export default function RevokeServiceKey() {
  const { account, held, now } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  const [params] = useSearchParams();
  const backTo = `/admin/ai/service-accounts/${account.id}?${params}`;
  if (held === null) {
    return (
      <ConfirmDialog
        title="This key is not active"
        description={<p>Only a key that {account.name} holds, and that still works, can be revoked.</p>}
        backTo={backTo}
      >
        <FormError result={result} />
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog
      title={`Revoke the ${held.tool.displayName} key of ${account.name}?`}
      description={
        <>
          <p className="flex flex-wrap items-center gap-2">
            <EnvironmentBadge environment={held.environment} />
            <span className="font-mono text-sm">{held.prefix}…</span>
          </p>
          <p>
            Last used: {held.lastUsedAt === null ? 'never' : <Time at={held.lastUsedAt} now={now} />}.
            Whatever uses this key stops working at once: there is no grace window, and a revoked key cannot
            be brought back.
          </p>
        </>
      }
      backTo={backTo}
    >
      <Form ref={form} method="post" preventScrollReset className="contents">
        <div className="order-first grid w-full gap-3">
          <FormError result={result} />
          <TextAreaField
            label="Reason"
            name="reason"
            required
            minLength={REASON_LENGTH.min}
            maxLength={REASON_LENGTH.max}
            rows={2}
            defaultValue={result?.typed.reason}
            error={result?.fields.reason}
            hint="It stands on the audit trail and beside the key."
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
          Revoke
        </Button>
      </Form>
    </ConfirmDialog>
  );
}

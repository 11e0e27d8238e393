import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { submitMany } from '~/api/submit-many.server';
import { REASON_LENGTH } from '~/core/limits';
import { reason as reasonRule } from '~/keys/keys.schema';
import { EnvironmentBadge } from '~/ui/badge';
import { Button } from '~/ui/button';
import { ConfirmDialog } from '~/ui/dialogs';
import { TextAreaField, TextField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { ALL_KEYS } from '~/ui/keys/all-keys-params';
import { confirmationText, isServiceAccountKey } from '~/ui/keys/revoke-confirmation';
import { counted } from '~/ui/list-toolbar';
import { FormError } from '~/ui/notice';
import { Time } from '~/ui/time';

export const meta: MetaFunction = () => [{ title: 'Revoke keys · My AI Keys' }];

const stillActive = (args: LoaderFunctionArgs, keyIds: string[]) =>
  load(args, async (api) => (await api.keys.chosen({ keyIds })).filter(({ status }) => status === 'ACTIVE'));

export async function loader(args: LoaderFunctionArgs) {
  const keyIds = new URL(args.request.url).searchParams.getAll('keyId');
  return { chosen: await stillActive(args, keyIds), now: args.context.trpc.app.now() };
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const typed = {
    reason: String(form.get('reason') ?? ''),
    confirmation: String(form.get('confirmation') ?? ''),
  };
  const again = (status: number, message: string, fields: { reason?: string; confirmation?: string } = {}) =>
    data({ ok: false as const, message, fields, typed }, { status });

  const reason = reasonRule.safeParse(typed.reason);
  if (!reason.success) {
    return again(400, 'Nothing was revoked yet: the reason is missing.', {
      reason: reason.error.issues[0]?.message,
    });
  }
  const chosen = await stillActive(args, form.getAll('keyId').map(String));
  // A guard against haste, not a rule: whoever may revoke keys may do so through the API without it.
  const words = confirmationText(chosen, args.context.trpc.app.now());
  if (words !== null && typed.confirmation.trim() !== words) {
    return again(400, 'Nothing was revoked yet: it is not confirmed.', {
      confirmation: `Type ${words} exactly.`,
    });
  }
  const { done, refused } = await submitMany(
    args,
    chosen.map(({ id }) => id),
    (api, keyId) => api.keys.revoke({ keyId, reason: reason.data }),
  );
  if (refused.length === 0) {
    const params = new URL(args.request.url).searchParams;
    const message = `${counted(done, 'key')} revoked. Holders see the reason.`;
    return await redirectWithFlash(args, ALL_KEYS.href(params), message);
  }
  return again(409, [done > 0 ? `${counted(done, 'key')} revoked.` : '', ...refused].join(' ').trim());
}

export default function RevokeKeys() {
  const { chosen, now } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const submitting = useSubmitting();
  const [params] = useSearchParams();
  const words = confirmationText(chosen, now);
  const [only] = chosen;
  const title =
    chosen.length === 1 && only
      ? `Revoke the ${only.tool.displayName} key of ${only.holder.name}?`
      : chosen.length === 0
        ? 'No active key is selected'
        : `Revoke ${counted(chosen.length, 'key')}?`;
  return (
    <ConfirmDialog
      title={title}
      description={
        chosen.length === 0 ? (
          <p>Select at least one key that is still active.</p>
        ) : (
          <>
            <ul className="grid gap-2">
              {chosen.map((held) => (
                <li key={held.id} className="flex flex-wrap items-center gap-x-2 text-sm">
                  {chosen.length > 1 ? (
                    <span>
                      {held.tool.displayName} of {held.holder.name}
                    </span>
                  ) : null}
                  <EnvironmentBadge environment={held.environment} />
                  {held.prefix ? (
                    <span className="font-mono text-xs">{held.prefix}…</span>
                  ) : (
                    'not revealed yet'
                  )}
                  <span>
                    · last used:{' '}
                    {held.lastUsedAt === null ? 'never' : <Time at={held.lastUsedAt} now={now} />}
                  </span>
                </li>
              ))}
            </ul>
            <p>
              Whatever uses {chosen.length === 1 ? 'this key' : 'these keys'} stops working at once: there is
              no grace window, and a revoked key cannot be brought back.
            </p>
          </>
        )
      }
      backTo={ALL_KEYS.href(params)}
    >
      {chosen.length === 0 ? null : (
        <Form ref={form} method="post" preventScrollReset className="contents">
          <div className="order-first grid w-full gap-3">
            <FormError result={result} />
            {chosen.map(({ id }) => (
              <input key={id} type="hidden" name="keyId" value={id} />
            ))}
            <TextAreaField
              label="Reason"
              name="reason"
              required
              minLength={REASON_LENGTH.min}
              maxLength={REASON_LENGTH.max}
              rows={2}
              defaultValue={result?.typed.reason}
              error={result?.fields.reason}
              hint={chosen.length === 1 ? 'The holder reads it.' : 'The holders read it.'}
            />
            {words === null ? null : (
              <TextField
                label={
                  <>
                    {chosen.length === 1 && !chosen.some(isServiceAccountKey) ? 'It is in use. ' : ''}Type{' '}
                    <span className="font-mono">{words}</span> to confirm
                  </>
                }
                name="confirmation"
                required
                defaultValue={result?.typed.confirmation}
                error={result?.fields.confirmation}
              />
            )}
          </div>
          <Button variant="danger" busy={submitting}>
            Revoke
          </Button>
        </Form>
      )}
    </ConfirmDialog>
  );
}

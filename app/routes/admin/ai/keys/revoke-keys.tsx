import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { useLoaderData, useParams, useSearchParams } from '@remix-run/react';
import { z } from 'zod';
import { formErrorResponse, load } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { submitMany } from '~/api/submit-many.server';
import { confirmationError } from '~/api/typed-confirmation.server';
import { REASON_LENGTH } from '~/core/limits';
import { type AdminKeyView, reason } from '~/keys/keys.schema';
import { ConfirmDialog } from '~/ui/confirm-dialog';
import { TextAreaField } from '~/ui/field';
import { fieldProps } from '~/ui/field-props';
import { useStickyActionData } from '~/ui/form';
import { ALL_KEYS } from '~/ui/keys/all-keys-params';
import { KeysToRevoke } from '~/ui/keys/keys-to-revoke';
import { confirmationText } from '~/ui/keys/revoke-confirmation';
import { counted } from '~/ui/list-toolbar';
import { SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';
import { TypedConfirmation } from '~/ui/typed-confirmation';

/* Two routes: above all keys it revokes one or several (`?keyId=…`), above a service account one of its keys. */

export const meta: MetaFunction = () => [{ title: 'Revoke keys · My AI Keys' }];

/** The selected keys that are still active; above a service account, only its own. */
async function findActiveKeys(args: LoaderFunctionArgs, selected: string[]): Promise<AdminKeyView[]> {
  const { accountId, keyId } = args.params;
  const keyIds = keyId === undefined ? selected : [keyId];
  const keys = await load(args, (api) => api.keys.chosen({ keyIds }));
  return keys.filter(
    ({ status, holder }) => status === 'ACTIVE' && (accountId === undefined || holder.id === accountId),
  );
}

const parentHref = (accountId: string | undefined, params: URLSearchParams): string =>
  accountId === undefined ? ALL_KEYS.href(params) : SERVICE_ACCOUNTS.childHref(accountId, params);

export async function loader(args: LoaderFunctionArgs) {
  const selected = new URL(args.request.url).searchParams.getAll('keyId');
  return { keys: await findActiveKeys(args, selected), now: args.context.trpc.app.now() };
}

const revokeForm = z.object({ keyId: z.array(z.string()), reason, confirmation: z.string() });

export async function action(args: ActionFunctionArgs) {
  const { input, values, validate } = await readForm(args.request, revokeForm);
  const keys = await findActiveKeys(args, input.keyId);
  const conflict = (message: string, fields: Record<string, string> = {}) =>
    data({ ok: false as const, message, fields, values }, { status: 409 });
  if (keys.length === 0) return conflict('Nothing was revoked: none of these keys is active.');
  const form = validate();
  if (!form.ok) return formErrorResponse(form, values);
  const expected = confirmationText(keys, args.context.trpc.app.now());
  const unconfirmed = confirmationError(expected, input.confirmation);
  if (unconfirmed !== null) return formErrorResponse(unconfirmed, values);
  const { done, refused } = await submitMany(
    args,
    keys.map(({ id }) => id),
    (api, keyId) => api.keys.revoke({ keyId, reason: form.data.reason }),
  );
  const message = `${counted(done, 'key')} revoked.`;
  if (refused.length > 0) return conflict([done > 0 ? message : '', ...refused].join(' ').trim());
  const { searchParams } = new URL(args.request.url);
  return redirectWithFlash(args, parentHref(args.params.accountId, searchParams), message);
}

export default function RevokeKeys() {
  const { keys, now } = useLoaderData<typeof loader>();
  const error = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  const backTo = parentHref(useParams().accountId, params);
  if (keys.length === 0) {
    return (
      <ConfirmDialog
        title="No active key selected"
        description={<p>Only active keys can be revoked.</p>}
        backTo={backTo}
        result={error}
      />
    );
  }
  return (
    <ConfirmDialog
      title={titleOf(keys)}
      description={<KeysToRevoke keys={keys} now={now} />}
      backTo={backTo}
      confirmLabel="Revoke"
      result={error}
    >
      {keys.map(({ id }) => (
        <input key={id} type="hidden" name="keyId" value={id} />
      ))}
      <TextAreaField
        label="Reason"
        {...fieldProps(error, 'reason')}
        required
        minLength={REASON_LENGTH.min}
        maxLength={REASON_LENGTH.max}
        rows={2}
        hint="Shown to the holder and recorded on the audit trail."
      />
      <TypedConfirmation
        expected={confirmationText(keys, now)}
        defaultValue={error?.values.confirmation}
        error={error?.fields.confirmation}
      />
    </ConfirmDialog>
  );
}

function titleOf(keys: AdminKeyView[]): string {
  const [key] = keys;
  return keys.length === 1 && key !== undefined
    ? `Revoke the ${key.tool.displayName} key of ${key.holder.name}?`
    : `Revoke ${counted(keys.length, 'key')}?`;
}

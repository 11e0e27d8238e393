import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { z } from 'zod';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { readForm } from '~/api/read-form.server';
import { confirmationError } from '~/api/typed-confirmation.server';
import { ConfirmDialog } from '~/ui/confirm-dialog';
import { useStickyActionData } from '~/ui/form';
import { KeysToRevoke } from '~/ui/keys/keys-to-revoke';
import { OWN_KEYS } from '~/ui/keys/own-keys-params';
import { wasUsedRecently } from '~/ui/keys/revoke-confirmation';
import { TypedConfirmation } from '~/ui/typed-confirmation';

export const meta: MetaFunction = () => [{ title: 'Revoke a key · My AI Keys' }];

/** The key, and what has to be typed to revoke it. */
async function read(args: LoaderFunctionArgs) {
  const now = args.context.trpc.app.now();
  const apiKey = await load(args, (api) => api.keys.get({ keyId: args.params.keyId ?? '' }));
  return { apiKey, expected: wasUsedRecently(apiKey, now) ? apiKey.tool.slug : null, now };
}

export const loader = read;

export async function action(args: ActionFunctionArgs) {
  const { values } = await readForm(args.request, z.object({ confirmation: z.string() }));
  const { apiKey, expected } = await read(args);
  const notConfirmed = confirmationError(expected, values.confirmation);
  if (notConfirmed !== null) return formErrorResponse(notConfirmed, values);
  const result = await submit(args, (api) => api.keys.revoke({ keyId: apiKey.id }));
  if (!result.ok) return formErrorResponse(result, values);
  return redirect(OWN_KEYS.href(new URL(args.request.url).searchParams));
}

export default function RevokeKey() {
  const { apiKey, expected, now } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Revoke the ${apiKey.tool.displayName} key?`}
      description={<KeysToRevoke keys={[apiKey]} now={now} />}
      backTo={OWN_KEYS.href(params)}
      result={result}
      confirmLabel="Revoke"
    >
      <TypedConfirmation
        expected={expected}
        defaultValue={result?.values.confirmation}
        error={result?.fields.confirmation}
      />
    </ConfirmDialog>
  );
}

import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { ConfirmDialog } from '~/ui/confirm-dialog';
import { useStickyActionData } from '~/ui/form';
import { OWN_KEYS } from '~/ui/keys/own-keys-params';

export const meta: MetaFunction = () => [{ title: 'Withdraw a request · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return load(args, (api) => api.keys.get({ keyId: args.params.keyId ?? '' }));
}

export async function action(args: ActionFunctionArgs) {
  const result = await submit(args, (api) => api.keys.withdraw({ keyId: args.params.keyId ?? '' }));
  if (!result.ok) return formErrorResponse(result, {});
  return redirect(OWN_KEYS.href(new URL(args.request.url).searchParams));
}

export default function WithdrawRequest() {
  const apiKey = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Withdraw your request for ${apiKey.tool.displayName}?`}
      description={
        <p>
          Admins no longer see your request for a {apiKey.environment} key. You can send a new one at any
          time.
        </p>
      }
      backTo={OWN_KEYS.href(params)}
      result={result}
      confirmLabel="Withdraw"
      variant="primary"
    />
  );
}

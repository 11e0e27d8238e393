import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { Button } from '~/ui/button';
import { ConfirmDialog } from '~/ui/dialogs';
import { useStickyActionData, useSubmitting } from '~/ui/form';
import { OWN_KEYS } from '~/ui/keys/own-keys-params';
import { FormError } from '~/ui/notice';

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
  const held = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const submitting = useSubmitting();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Withdraw your request for ${held.tool.displayName}?`}
      description={
        <>
          <p>
            The admins will no longer see the request for a {held.environment} key. You can ask again at any
            time.
          </p>
          <FormError result={result} />
        </>
      }
      backTo={OWN_KEYS.href(params)}
    >
      <Form method="post" preventScrollReset>
        <Button variant="primary" busy={submitting}>
          Withdraw
        </Button>
      </Form>
    </ConfirmDialog>
  );
}

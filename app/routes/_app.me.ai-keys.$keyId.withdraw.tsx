import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node';
import { Form, useLoaderData } from '@remix-run/react';
import { Button } from '~/components/button';
import { useAnswer, useSubmitting } from '~/components/form';
import { FormProblem } from '~/components/notice';
import { Confirm } from '~/components/overlay';
import { load, refusedForm, submit } from '~/trpc/route.server';

export async function loader(args: LoaderFunctionArgs) {
  return load(args, (api) => api.keys.get({ keyId: args.params.keyId ?? '' }));
}

export async function action(args: ActionFunctionArgs) {
  const result = await submit(args, (api) => api.keys.withdraw({ keyId: args.params.keyId ?? '' }));
  return result.ok ? redirect('/me/ai-keys') : refusedForm(result, {});
}

export default function WithdrawRequest() {
  const held = useLoaderData<typeof loader>();
  const result = useAnswer<typeof action>();
  const submitting = useSubmitting();
  return (
    <Confirm
      title={`Withdraw your request for ${held.tool.displayName}?`}
      description={
        <>
          <p>
            The admins will no longer see the request for a {held.environment} key. You can ask anew at any
            time.
          </p>
          <FormProblem result={result} />
        </>
      }
      backTo="/me/ai-keys"
    >
      <Form method="post" preventScrollReset>
        <Button look="primary" busy={submitting}>
          Withdraw
        </Button>
      </Form>
    </Confirm>
  );
}

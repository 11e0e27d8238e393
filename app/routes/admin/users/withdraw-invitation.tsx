import {
  type ActionFunctionArgs,
  data,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { Button } from '~/ui/button';
import { ConfirmDialog } from '~/ui/dialogs';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { FormError } from '~/ui/notice';

export const meta: MetaFunction = () => [{ title: 'Withdraw an invitation · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const open = await load(args, (api) => api.users.invitations());
  const invitation = open.find(({ id }) => id === args.params.invitationId);
  if (invitation === undefined)
    throw data(
      { message: 'There is no such open invitation. It was used, withdrawn or has expired.' },
      { status: 404 },
    );
  return { email: invitation.email };
}

export async function action(args: ActionFunctionArgs) {
  const result = await submit(args, (api) =>
    api.users.revokeInvitation({ invitationId: args.params.invitationId ?? '' }),
  );
  if (!result.ok) return formErrorResponse(result, {});
  return redirect(`/admin/users${new URL(args.request.url).search}`, 303);
}

export default function WithdrawInvitation() {
  const { email } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title="Withdraw the invitation?"
      description={<p>The link for {email} stops working. You can invite them again.</p>}
      backTo={`/admin/users?${params}`}
    >
      <Form ref={form} method="post" preventScrollReset className="contents">
        <div className="order-first grid w-full gap-3 empty:hidden">
          <FormError result={result} />
        </div>
        <Button variant="danger" busy={busy}>
          Withdraw
        </Button>
      </Form>
    </ConfirmDialog>
  );
}

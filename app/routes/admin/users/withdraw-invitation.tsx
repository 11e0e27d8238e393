import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { ConfirmDialog } from '~/ui/confirm-dialog';
import { useStickyActionData } from '~/ui/form';
import { PEOPLE } from '~/ui/users/people-params';

export const meta: MetaFunction = () => [{ title: 'Withdraw an invitation · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const invitations = await load(args, (api) => api.users.invitations());
  const invitation = invitations.find(({ id }) => id === args.params.invitationId);
  if (invitation !== undefined) return { email: invitation.email };
  throw data({ message: 'This invitation was used, withdrawn or has expired.' }, { status: 404 });
}

export async function action(args: ActionFunctionArgs) {
  const { invitationId = '' } = args.params;
  const result = await submit(args, (api) => api.users.revokeInvitation({ invitationId }));
  if (!result.ok) return formErrorResponse(result, {});
  return redirectWithFlash(
    args,
    PEOPLE.href(new URL(args.request.url).searchParams),
    'Invitation withdrawn.',
  );
}

export default function WithdrawInvitation() {
  const { email } = useLoaderData<typeof loader>();
  const error = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title="Withdraw the invitation?"
      description={<p>The link for {email} stops working. You can invite them again.</p>}
      backTo={PEOPLE.href(params)}
      confirmLabel="Withdraw"
      result={error}
    />
  );
}

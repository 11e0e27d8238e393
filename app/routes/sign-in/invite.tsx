import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { readForm } from '~/api/read-form.server';
import { acceptInvitationInput } from '~/auth/auth.schema';
import { AccountForm } from '~/ui/auth/account-form';
import { AuthLayout } from '~/ui/auth/auth-layout';
import { DeadLinkPage } from '~/ui/auth/dead-link-page';
import { useStickyActionData } from '~/ui/form';
import { linkToken } from './link-token';

export const meta: MetaFunction = () => [{ title: 'Join · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return await load(args, (api) => api.auth.invitation({ token: linkToken(args.request) }));
}

export async function action(args: ActionFunctionArgs) {
  const { input, values } = await readForm(args.request, acceptInvitationInput.omit({ token: true }));
  const result = await submit(args, (api) =>
    api.auth.acceptInvitation({ ...input, token: linkToken(args.request) }),
  );
  if (!result.ok) return formErrorResponse(result, values, { 'weak-password': 'password' });
  return redirect(result.value.role === 'admin' ? '/admin' : '/me/ai-keys', 303);
}

export default function Invitation() {
  const { email, role, invitedBy } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  return (
    <AuthLayout
      title="Join My AI Keys"
      lead={`${invitedBy} invited you${role === 'admin' ? ' as an admin' : ''}. Enter your name and choose a password.`}
    >
      <AccountForm result={result} email={email} submitLabel="Join" busyLabel="Joining…" />
    </AuthLayout>
  );
}

export function ErrorBoundary() {
  return (
    <DeadLinkPage title="This invitation doesn’t work">
      It was used or withdrawn, it expired, or part of the link is missing. Ask an admin for a new one.
    </DeadLinkPage>
  );
}

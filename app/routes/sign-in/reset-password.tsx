import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { readForm } from '~/api/read-form.server';
import { resetPasswordInput } from '~/auth/auth.schema';
import { AccountForm } from '~/ui/auth/account-form';
import { AuthLayout } from '~/ui/auth/auth-layout';
import { DeadLinkPage } from '~/ui/auth/dead-link-page';
import { useStickyActionData } from '~/ui/form';
import { linkToken } from './link-token';

export const meta: MetaFunction = () => [{ title: 'Choose a new password · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return await load(args, (api) => api.auth.resetLink({ token: linkToken(args.request) }));
}

export async function action(args: ActionFunctionArgs) {
  const { input } = await readForm(args.request, resetPasswordInput.omit({ token: true }));
  const result = await submit(args, (api) =>
    api.auth.resetPassword({ ...input, token: linkToken(args.request) }),
  );
  if (!result.ok) return formErrorResponse(result, {}, { 'weak-password': 'password' });
  return redirect('/me/ai-keys', 303);
}

export default function ResetPassword() {
  const { email } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  return (
    <AuthLayout
      title="Choose a new password"
      lead="It replaces the old password and signs you out everywhere else."
    >
      <AccountForm
        result={result}
        email={email}
        withName={false}
        passwordLabel="New password"
        submitLabel="Set password"
        busyLabel="Setting…"
      />
    </AuthLayout>
  );
}

export function ErrorBoundary() {
  return (
    <DeadLinkPage title="This link doesn’t work">
      It was used or replaced, it expired, or part of it is missing. Ask an admin for a new one.
    </DeadLinkPage>
  );
}

import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { isRouteErrorResponse, useLoaderData, useRouteError } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { PASSWORD_HINT } from '~/auth/password-rule';
import { AuthForm } from '~/ui/auth/auth-form';
import { AuthLayout } from '~/ui/auth/auth-layout';
import { PasswordField } from '~/ui/auth/password-field';
import { LinkButton } from '~/ui/button';
import { ErrorPage } from '~/ui/error-page';
import { TextField } from '~/ui/field';
import { useStickyActionData } from '~/ui/form';

export const meta: MetaFunction = () => [{ title: 'Choose a new password · My AI Keys' }];

const tokenOf = (request: Request) => new URL(request.url).searchParams.get('token') ?? '';

export async function loader(args: LoaderFunctionArgs) {
  return await load(args, (api) => api.auth.resetLink({ token: tokenOf(args.request) }));
}

export async function action(args: ActionFunctionArgs) {
  const password = String((await args.request.formData()).get('password') ?? '');
  const result = await submit(args, (api) =>
    api.auth.resetPassword({ token: tokenOf(args.request), password }),
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
      lead="It takes the place of the old one and signs you out wherever you are signed in."
    >
      <AuthForm result={result} words={['Set password', 'Setting…']}>
        <TextField
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          readOnly
          value={email}
          className="read-only:bg-sunken read-only:text-muted"
        />
        <PasswordField
          label="New password"
          name="password"
          autoComplete="new-password"
          required
          hint={PASSWORD_HINT}
          error={result?.fields.password}
        />
      </AuthForm>
    </AuthLayout>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  if (!isRouteErrorResponse(error) || (error.status !== 404 && error.status !== 400)) return <ErrorPage />;
  return (
    <AuthLayout title="This link does not work">
      <div className="grid justify-items-start gap-4">
        <p className="text-muted">
          It was used, replaced or has expired, or it was not copied whole. Ask an admin for a new one.
        </p>
        <LinkButton to="/sign-in">Sign in instead</LinkButton>
      </div>
    </AuthLayout>
  );
}

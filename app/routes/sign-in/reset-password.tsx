import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { isRouteErrorResponse, useLoaderData, useRouteError } from '@remix-run/react';
import { Door } from '~/ui/auth/auth-layout';
import { DoorForm } from '~/ui/auth/auth-form';
import { PasswordField } from '~/ui/auth/password-field';
import { PASSWORD_HINT } from '~/auth/password-rule';
import { LinkButton } from '~/ui/button';
import { TextField } from '~/ui/field';
import { useAnswer } from '~/ui/form';
import { ProblemPage } from '~/ui/error-page';
import { load, refusedForm, submit } from '~/api/call-from-route.server';

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
  if (!result.ok) return refusedForm(result, {}, { 'weak-password': 'password' });
  return redirect('/me/ai-keys', 303);
}

export default function ResetPassword() {
  const { email } = useLoaderData<typeof loader>();
  const result = useAnswer<typeof action>();
  return (
    <Door
      title="Choose a new password"
      lead="It takes the place of the old one and signs you out wherever you are signed in."
    >
      <DoorForm result={result} words={['Set password', 'Setting…']}>
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
      </DoorForm>
    </Door>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  if (!isRouteErrorResponse(error) || (error.status !== 404 && error.status !== 400)) return <ProblemPage />;
  return (
    <Door title="This link does not work">
      <div className="grid justify-items-start gap-4">
        <p className="text-muted">
          It was used, replaced or has expired, or it was not copied whole. Ask an admin for a new one.
        </p>
        <LinkButton to="/sign-in">Sign in instead</LinkButton>
      </div>
    </Door>
  );
}

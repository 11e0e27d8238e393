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

export const meta: MetaFunction = () => [{ title: 'Join · My AI Keys' }];

const tokenOf = (request: Request) => new URL(request.url).searchParams.get('token') ?? '';

export async function loader(args: LoaderFunctionArgs) {
  return await load(args, (api) => api.auth.invitation({ token: tokenOf(args.request) }));
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const [name, password] = [String(form.get('name') ?? ''), String(form.get('password') ?? '')];
  const result = await submit(args, (api) =>
    api.auth.acceptInvitation({ token: tokenOf(args.request), name, password }),
  );
  if (!result.ok) return formErrorResponse(result, { name }, { 'weak-password': 'password' });
  return redirect(result.value.role === 'admin' ? '/admin' : '/me/ai-keys', 303);
}

export default function Invitation() {
  const { email, role, invitedBy } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  return (
    <AuthLayout
      title="Join My AI Keys"
      lead={`${invitedBy} invited you${role === 'admin' ? ' as an admin' : ''}. Say what you are called and choose a password.`}
    >
      <AuthForm result={result} words={['Join', 'Joining…']}>
        <TextField
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          readOnly
          value={email}
          className="read-only:bg-sunken read-only:text-muted"
        />
        <TextField
          label="Name"
          name="name"
          autoComplete="name"
          required
          defaultValue={result?.values.name}
          error={result?.fields.name}
        />
        <PasswordField
          label="Password"
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
    <AuthLayout title="This invitation does not work">
      <div className="grid justify-items-start gap-4">
        <p className="text-muted">
          It was used, withdrawn or has expired, or the link was not copied whole. Ask an admin for a new one.
        </p>
        <LinkButton to="/sign-in">Sign in instead</LinkButton>
      </div>
    </AuthLayout>
  );
}

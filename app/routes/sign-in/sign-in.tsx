import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { takeFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { signInInput } from '~/auth/auth.schema';
import { safeRedirect } from '~/auth/safe-redirect';
import { AuthForm } from '~/ui/auth/auth-form';
import { AuthLayout } from '~/ui/auth/auth-layout';
import { PasswordField } from '~/ui/auth/password-field';
import { TextField } from '~/ui/field';
import { fieldProps } from '~/ui/field-props';
import { FlashNotice, FlashProvider } from '~/ui/flash-notice';
import { useStickyActionData } from '~/ui/form';

export const meta: MetaFunction = () => [{ title: 'Sign in · My AI Keys' }];

/** Where to go after signing in. */
const nextUrl = (request: Request) =>
  safeRedirect(new URL(request.url).searchParams.get('next')) ?? '/me/ai-keys';

export async function loader(args: LoaderFunctionArgs) {
  const [session, { isSetUp }] = await load(args, (api) =>
    Promise.all([api.auth.session(), api.auth.setupState()]),
  );
  if (session !== null) throw redirect(nextUrl(args.request));
  return { isSetUp, flash: await takeFlash(args) };
}

export async function action(args: ActionFunctionArgs) {
  const { input, values } = await readForm(args.request, signInInput);
  const result = await submit(args, (api) => api.auth.signIn(input));
  return result.ok ? redirect(nextUrl(args.request), 303) : formErrorResponse(result, values);
}

export default function SignIn() {
  const { isSetUp, flash } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  if (!isSetUp) {
    return (
      <AuthLayout title="Set up the server first">
        <p className="text-muted">
          Open the setup link that the server printed when it started, and create the first admin.
        </p>
      </AuthLayout>
    );
  }
  return (
    <AuthLayout title="Sign in">
      <FlashProvider loaded={flash}>
        <FlashNotice />
      </FlashProvider>
      <AuthForm result={result} submitLabel="Sign in" busyLabel="Signing in…">
        <TextField
          label="Email"
          {...fieldProps(result, 'email')}
          type="email"
          autoComplete="username"
          required
        />
        <PasswordField
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          error={result?.fields.password}
        />
      </AuthForm>
      <p className="mt-4 text-sm text-muted">Forgot your password? Ask an admin for a reset link.</p>
    </AuthLayout>
  );
}

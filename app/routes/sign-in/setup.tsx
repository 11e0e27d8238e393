import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { PASSWORD_HINT } from '~/auth/password-rule';
import { AuthForm } from '~/ui/auth/auth-form';
import { AuthLayout } from '~/ui/auth/auth-layout';
import { PasswordField } from '~/ui/auth/password-field';
import { TextField } from '~/ui/field';
import { useStickyActionData } from '~/ui/form';

export const meta: MetaFunction = () => [{ title: 'Set up · My AI Keys' }];

const tokenOf = (request: Request) => new URL(request.url).searchParams.get('token') ?? '';

export async function loader(args: LoaderFunctionArgs) {
  const token = tokenOf(args.request);
  const state = await load(args, (api) => api.auth.setupState(token === '' ? undefined : { token }));
  if (state.isSetUp) throw redirect('/sign-in');
  return { linkWorks: state.linkWorks };
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const field = (name: string) => String(form.get(name) ?? '');
  const values = { name: field('name'), email: field('email') };
  const result = await submit(args, (api) =>
    api.auth.setUp({ token: tokenOf(args.request), ...values, password: field('password') }),
  );
  return result.ok
    ? redirect('/admin', 303)
    : formErrorResponse(result, values, { 'weak-password': 'password' });
}

export default function SetUp() {
  const { linkWorks } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  if (!linkWorks) {
    return (
      <AuthLayout title="This link does not set up the server">
        <p className="text-muted">
          The server prints a set-up link each time it starts, and only the newest one works. Copy it from the
          console whole, or restart the server to get another.
        </p>
      </AuthLayout>
    );
  }
  return (
    <AuthLayout
      title="Create the first admin"
      lead="Admins set up the tools, invite people and decide on requests. You can name more of them later."
    >
      <AuthForm result={result} words={['Create admin and sign in', 'Creating…']}>
        <TextField
          label="Name"
          name="name"
          autoComplete="name"
          required
          defaultValue={result?.values.name}
          error={result?.fields.name}
        />
        <TextField
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          required
          defaultValue={result?.values.email}
          error={result?.fields.email}
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

import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { readForm } from '~/api/read-form.server';
import { setUpInput } from '~/auth/auth.schema';
import { AccountForm } from '~/ui/auth/account-form';
import { AuthLayout } from '~/ui/auth/auth-layout';
import { useStickyActionData } from '~/ui/form';
import { linkToken } from './link-token';

export const meta: MetaFunction = () => [{ title: 'Setup · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const token = linkToken(args.request);
  const state = await load(args, (api) => api.auth.setupState(token === '' ? undefined : { token }));
  if (state.isSetUp) throw redirect('/sign-in');
  return { linkWorks: state.linkWorks };
}

export async function action(args: ActionFunctionArgs) {
  const { input, values } = await readForm(args.request, setUpInput.omit({ token: true }));
  const result = await submit(args, (api) => api.auth.setUp({ ...input, token: linkToken(args.request) }));
  return result.ok
    ? redirect('/admin', 303)
    : formErrorResponse(result, values, { 'weak-password': 'password' });
}

export default function SetUp() {
  const { linkWorks } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  if (!linkWorks) {
    return (
      <AuthLayout title="This setup link doesn’t work">
        <p className="text-muted">
          The server prints a new setup link each time it starts, and only the newest one works. Copy the
          whole link from the console, or restart the server to get another.
        </p>
      </AuthLayout>
    );
  }
  return (
    <AuthLayout
      title="Create the first admin"
      lead="Admins add tools, invite people and approve requests. You can add more admins later."
    >
      <AccountForm
        result={result}
        email={null}
        submitLabel="Create admin and sign in"
        busyLabel="Creating…"
      />
    </AuthLayout>
  );
}

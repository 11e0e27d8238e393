import { type ActionFunctionArgs, redirect } from '@remix-run/node';
import { load } from '~/api/call-from-route.server';

/** Signing out is a form: a link or an image elsewhere must not be able to do it. */
export async function action(args: ActionFunctionArgs) {
  await load(args, (api) => api.auth.signOut());
  return redirect('/sign-in', 303);
}

export const loader = () => redirect('/');

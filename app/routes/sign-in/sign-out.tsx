import { type ActionFunctionArgs, redirect } from '@remix-run/node';
import { load } from '~/api/call-from-route.server';

/** Only a form signs out: a link or an image on another site can't (CSRF). */
export async function action(args: ActionFunctionArgs) {
  await load(args, (api) => api.auth.signOut());
  return redirect('/sign-in', 303);
}

export const loader = () => redirect('/');

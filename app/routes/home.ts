import { redirect } from '@remix-run/node';

/** The way in: the signed-in layout sends the signed out on to sign in. */
export const loader = () => redirect('/me/ai-keys');

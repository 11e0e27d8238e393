import { redirect } from '@remix-run/node';

/** The layout of this page redirects to sign-in if necessary. */
export const loader = () => redirect('/me/ai-keys');

import { type View, viewsOf } from '../gallery';

const signedOut = viewsOf('nobody', 'sign-in');

/** Pages for people who aren't signed in: setup, sign-in, invitation, password reset. */
export const signInViews: View[] = [
  signedOut('setup', 'setup.tsx', ({ fresh, at }) => fresh.url + at.setup, 'Create the first admin'),
  signedOut(
    'setup-dead-link',
    'setup.tsx',
    ({ fresh }) => `${fresh.url}/setup?token=wrong`,
    'This setup link doesn’t work',
  ),
  signedOut('sign-in', 'sign-in.tsx', '/sign-in', 'Sign in'),
  signedOut('sign-in-session-ended', 'sign-in.tsx', '/sign-in', 'Sign in', {
    async steps(page, { server }) {
      const headers = { Origin: server.url, 'Sec-Fetch-Site': 'same-origin' };
      await page.request.post('/me/account', { form: { intent: 'end-others' }, headers, maxRedirects: 0 });
      await page.goto('/sign-in');
      await page.getByText('Your session has ended').waitFor();
    },
  }),
  signedOut('sign-in-refused', 'sign-in.tsx', '/sign-in', 'Sign in', {
    async steps(page) {
      await page.getByLabel('Email', { exact: true }).fill('nobody@example.com');
      await page.getByLabel('Password', { exact: true }).fill('not my password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    },
  }),
  signedOut('join', 'invite.tsx', ({ at }) => at.invitation, 'Join My AI Keys'),
  signedOut('join-dead-link', 'invite.tsx', '/invite?token=wrong', 'This invitation doesn’t work', {
    status: 404,
  }),
  signedOut('reset-password', 'reset-password.tsx', ({ at }) => at.reset, 'Choose a new password'),
  signedOut(
    'reset-password-dead-link',
    'reset-password.tsx',
    '/reset-password?token=wrong',
    'This link doesn’t work',
    { status: 404 },
  ),
];

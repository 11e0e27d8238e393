import type { View } from '../gallery';

/** Pages for people who aren't signed in: setup, sign-in, invitation, password reset. */
export const signInViews: View[] = [
  {
    name: 'setup',
    route: 'sign-in/setup.tsx',
    who: 'nobody',
    path: ({ fresh, at }) => fresh.url + at.setup,
    heading: 'Create the first admin',
  },
  {
    name: 'setup-dead-link',
    route: 'sign-in/setup.tsx',
    who: 'nobody',
    path: ({ fresh }) => `${fresh.url}/setup?token=wrong`,
    heading: 'This setup link doesn’t work',
  },
  {
    name: 'sign-in',
    route: 'sign-in/sign-in.tsx',
    who: 'nobody',
    path: () => '/sign-in',
    heading: 'Sign in',
  },
  {
    name: 'sign-in-session-ended',
    route: 'sign-in/sign-in.tsx',
    who: 'nobody',
    path: () => '/sign-in',
    heading: 'Sign in',
    async steps(page, { server }) {
      const headers = { Origin: server.url, 'Sec-Fetch-Site': 'same-origin' };
      await page.request.post('/me/account', { form: { intent: 'end-others' }, headers, maxRedirects: 0 });
      await page.goto('/sign-in');
      await page.getByText('Your session has ended').waitFor();
    },
  },
  {
    name: 'sign-in-refused',
    route: 'sign-in/sign-in.tsx',
    who: 'nobody',
    path: () => '/sign-in',
    heading: 'Sign in',
    async steps(page) {
      await page.getByLabel('Email', { exact: true }).fill('nobody@example.com');
      await page.getByLabel('Password', { exact: true }).fill('not my password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'join',
    route: 'sign-in/invite.tsx',
    who: 'nobody',
    path: ({ at }) => at.invitation,
    heading: 'Join My AI Keys',
  },
  {
    name: 'join-dead-link',
    route: 'sign-in/invite.tsx',
    who: 'nobody',
    path: () => '/invite?token=wrong',
    heading: 'This invitation doesn’t work',
    status: 404,
  },
  {
    name: 'reset-password',
    route: 'sign-in/reset-password.tsx',
    who: 'nobody',
    path: ({ at }) => at.reset,
    heading: 'Choose a new password',
  },
  {
    name: 'reset-password-dead-link',
    route: 'sign-in/reset-password.tsx',
    who: 'nobody',
    path: () => '/reset-password?token=wrong',
    heading: 'This link doesn’t work',
    status: 404,
  },
];

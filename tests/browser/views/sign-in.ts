import type { View } from '../gallery';

/** In front of the endpoint: set-up, sign-in, joining, a new password. */
export const doorViews: View[] = [
  {
    name: 'set-up',
    route: 'sign-in/setup.tsx',
    who: 'nobody',
    path: ({ fresh, at }) => fresh.url + at.setup,
    heading: 'Create the first admin',
  },
  {
    name: 'set-up-dead-link',
    route: 'sign-in/setup.tsx',
    who: 'nobody',
    path: ({ fresh }) => `${fresh.url}/setup?token=wrong`,
    heading: 'This link does not set up the server',
  },
  {
    name: 'sign-in',
    route: 'sign-in/sign-in.tsx',
    who: 'nobody',
    path: () => '/sign-in',
    heading: 'Sign in',
  },
  {
    name: 'sign-in-after-the-session',
    route: 'sign-in/sign-in.tsx',
    who: 'nobody',
    path: () => '/sign-in?ended=yes',
    heading: 'Sign in',
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
    heading: 'This invitation does not work',
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
    heading: 'This link does not work',
    status: 404,
  },
];

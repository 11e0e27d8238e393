import { inDrawer, type View } from '../gallery';
import { BEN } from '../steps';

/** People and invitations. */
export const peopleViews: View[] = [
  {
    name: 'people',
    route: 'admin/users/people.tsx',
    who: 'ada',
    path: () => '/admin/users',
    heading: 'People',
  },
  {
    name: 'person',
    route: 'admin/users/person.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/users/${at.benId}`,
    heading: BEN.name,
  },
  {
    name: 'person-role',
    route: 'admin/users/change-role.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/users/${at.benId}/role/admin`,
    heading: `Make ${BEN.name} an admin?`,
  },
  {
    name: 'person-disable',
    route: 'admin/users/disable-person.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/users/${at.benId}/disable`,
    heading: `Disable ${BEN.name}?`,
  },
  {
    name: 'person-reset-link',
    route: 'admin/users/person.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/users/${at.benId}`,
    heading: BEN.name,
    async steps(page) {
      await inDrawer(page).getByRole('button', { name: 'Create reset link' }).click();
      await page.getByRole('dialog', { name: 'Send this link' }).waitFor();
    },
  },
  {
    name: 'invite',
    route: 'admin/users/invite-people.tsx',
    who: 'ada',
    path: () => '/admin/users/invite',
    heading: 'Invite people',
  },
  {
    name: 'invite-link',
    route: 'admin/users/invite-people.tsx',
    who: 'ada',
    path: () => '/admin/users/invite',
    heading: 'Invite people',
    async steps(page) {
      await inDrawer(page).getByLabel('Email').fill('fay@example.com');
      await inDrawer(page).getByRole('button', { name: 'Create link' }).click();
      await page.getByRole('dialog', { name: 'Send this link' }).waitFor();
    },
  },
  {
    name: 'invitation-withdraw',
    route: 'admin/users/withdraw-invitation.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/users/invitations/${at.invitationId}/withdraw`,
    heading: 'Withdraw the invitation?',
  },
];

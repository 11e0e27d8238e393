import { inDrawer, type View, viewsOf } from '../gallery';
import { BEN } from '../steps';

const ada = viewsOf('ada', 'admin/users');
const confirm = viewsOf('ada', 'admin');

/** People and invitations. */
export const peopleViews: View[] = [
  ada('people', 'people.tsx', '/admin/users', 'People'),
  ada('person', 'person.tsx', ({ at }) => `/admin/users/${at.benId}`, BEN.name),
  confirm(
    'person-role',
    'confirm-action.tsx',
    ({ at }) => `/admin/users/${at.benId}/role/admin`,
    `Make ${BEN.name} an admin?`,
  ),
  confirm(
    'person-disable',
    'confirm-action.tsx',
    ({ at }) => `/admin/users/${at.benId}/disable`,
    `Disable ${BEN.name}?`,
  ),
  ada('person-reset-link', 'person.tsx', ({ at }) => `/admin/users/${at.benId}`, BEN.name, {
    async steps(page) {
      await inDrawer(page).getByRole('button', { name: 'Create reset link' }).click();
      await page.getByRole('dialog', { name: 'Send this link' }).waitFor();
    },
  }),
  ada('invite', 'invite-people.tsx', '/admin/users/invite', 'Invite people'),
  ada('invite-link', 'invite-people.tsx', '/admin/users/invite', 'Invite people', {
    async steps(page) {
      await inDrawer(page).getByLabel('Email').fill('fay@example.com');
      await inDrawer(page).getByRole('button', { name: 'Create link' }).click();
      await page.getByRole('dialog', { name: 'Send this link' }).waitFor();
    },
  }),
  confirm(
    'invitation-withdraw',
    'confirm-action.tsx',
    ({ at }) => `/admin/users/invitations/${at.invitationId}/withdraw`,
    'Withdraw the invitation?',
  ),
];

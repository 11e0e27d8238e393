import { index, layout, type RouteConfig, route } from '@remix-run/route-config';

/** Every page's URL and the file that renders it. Drawers and dialogs are child routes of the list behind them. */
export default [
  index('routes/home.ts'),
  route('sign-in', 'routes/sign-in/sign-in.tsx'),
  route('sign-out', 'routes/sign-in/sign-out.tsx'),
  route('setup', 'routes/sign-in/setup.tsx'),
  route('invite', 'routes/sign-in/invite.tsx'),
  route('reset-password', 'routes/sign-in/reset-password.tsx'),

  layout('routes/app-layout.tsx', [
    route('me/account', 'routes/me/account.tsx'),
    route('me/ai-keys', 'routes/me/ai-keys/own-keys.tsx', [
      route('request/:tool', 'routes/me/ai-keys/request-key.tsx'),
      route(':keyId/reveal', 'routes/me/ai-keys/reveal-key.tsx'),
      route(':keyId/revoke', 'routes/me/ai-keys/revoke-key.tsx'),
      route(':keyId/settings', 'routes/me/ai-keys/use-key.tsx'),
      route(':keyId/withdraw', 'routes/me/ai-keys/withdraw-request.tsx'),
    ]),

    route('admin', 'routes/admin/admin-layout.tsx', [
      index('routes/admin/setup-checklist.tsx'),
      route('ai/pending-keys', 'routes/admin/ai/pending-keys/pending-requests.tsx', [
        route('reject', 'routes/admin/ai/pending-keys/reject-requests.tsx'),
      ]),
      route('ai/keys', 'routes/admin/ai/keys/all-keys.tsx', [
        route('look-up', 'routes/admin/ai/keys/look-up-key.tsx'),
        route('revoke', 'routes/admin/ai/keys/revoke-keys.tsx'),
      ]),
      route('ai/service-accounts', 'routes/admin/ai/service-accounts/service-accounts.tsx', [
        route('new', 'routes/admin/ai/service-accounts/save-service-account.tsx', {
          id: 'new-service-account',
        }),
        route(':accountId', 'routes/admin/ai/service-accounts/service-account.tsx'),
        route(':accountId/edit', 'routes/admin/ai/service-accounts/save-service-account.tsx'),
        route(':accountId/disable', 'routes/admin/confirm-action.tsx', { id: 'disable-service-account' }),
        route(':accountId/issue-key', 'routes/admin/ai/service-accounts/issue-key.tsx'),
        route(':accountId/keys/:keyId/revoke', 'routes/admin/ai/keys/revoke-keys.tsx', {
          id: 'revoke-service-account-key',
        }),
      ]),
      route('ai/tools', 'routes/admin/ai/tools/tools.tsx', [
        route('new', 'routes/admin/ai/tools/save-tool.tsx', { id: 'new-tool' }),
        route(':tool', 'routes/admin/ai/tools/tool.tsx'),
        route(':tool/edit', 'routes/admin/ai/tools/save-tool.tsx'),
        route(':tool/archive', 'routes/admin/confirm-action.tsx', { id: 'archive-tool' }),
        route(':tool/credential', 'routes/admin/ai/tools/set-credential.tsx'),
        route(':tool/credential/remove', 'routes/admin/confirm-action.tsx', { id: 'remove-credential' }),
      ]),
      route('audit', 'routes/admin/audit/audit-trail.tsx', [
        route('verify', 'routes/admin/audit/verify-chain.tsx'),
        route(':seq', 'routes/admin/audit/audit-entry.tsx'),
      ]),
      route('audit/export', 'routes/admin/audit/export.ts'),
      route('users', 'routes/admin/users/people.tsx', [
        route('invite', 'routes/admin/users/invite-people.tsx'),
        route('invitations/:invitationId/withdraw', 'routes/admin/confirm-action.tsx', {
          id: 'withdraw-invitation',
        }),
        route(':userId', 'routes/admin/users/person.tsx'),
        route(':userId/disable', 'routes/admin/confirm-action.tsx', { id: 'disable-person' }),
        route(':userId/role/:role', 'routes/admin/confirm-action.tsx', { id: 'change-role' }),
      ]),
    ]),
  ]),
] satisfies RouteConfig;

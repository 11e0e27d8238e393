import { issueKey } from '~/service-accounts/issue-key.server';
import { getServiceAccount, listServiceAccounts } from '~/service-accounts/list-service-accounts.server';
import { createServiceAccount, updateServiceAccount } from '~/service-accounts/save-service-account.server';
import {
  disableServiceAccount,
  enableServiceAccount,
} from '~/service-accounts/service-account-status.server';
import {
  createServiceAccountInput,
  disableServiceAccountInput,
  issueKeyInput,
  listServiceAccountsInput,
  serviceAccountIdInput,
  updateServiceAccountInput,
} from '~/service-accounts/service-accounts.schema';
import { unwrap } from './errors.server';
import { adminProcedure, router } from './procedures.server';

/** `keys.revoke` revokes their keys, too. */
export const serviceAccountsRouter = router({
  list: adminProcedure
    .meta({ summary: 'Lists service accounts.' })
    .input(listServiceAccountsInput)
    .query(({ ctx, input }) => listServiceAccounts(ctx.app, input)),

  get: adminProcedure
    .meta({ summary: 'Returns a service account with its keys.' })
    .input(serviceAccountIdInput)
    .query(async ({ ctx, input }) => unwrap(await getServiceAccount(ctx.app, input.serviceAccountId))),

  create: adminProcedure
    .meta({ summary: 'Creates a service account.' })
    .input(createServiceAccountInput)
    .mutation(async ({ ctx, input }) => unwrap(await createServiceAccount(ctx.app, ctx.actor, input))),

  update: adminProcedure
    .meta({ summary: "Changes a service account's name or purpose." })
    .input(updateServiceAccountInput)
    .mutation(async ({ ctx, input }) => unwrap(await updateServiceAccount(ctx.app, ctx.actor, input))),

  issueKey: adminProcedure
    .meta({ summary: 'Issues a key to a service account and returns the raw key, once.' })
    .input(issueKeyInput)
    .mutation(async ({ ctx, input }) => unwrap(await issueKey(ctx.app, ctx.actor, input))),

  disable: adminProcedure
    .meta({ summary: 'Disables a service account and revokes its keys.' })
    .input(disableServiceAccountInput)
    .mutation(async ({ ctx, input }) => unwrap(await disableServiceAccount(ctx.app, ctx.actor, input))),

  enable: adminProcedure
    .meta({ summary: 'Enables a disabled service account. Revoked keys stay revoked.' })
    .input(serviceAccountIdInput)
    .mutation(async ({ ctx, input }) =>
      unwrap(await enableServiceAccount(ctx.app, ctx.actor, input.serviceAccountId)),
    ),
});

import { issueKey } from '~/service-accounts/issue-key.server';
import { getServiceAccount, listServiceAccounts } from '~/service-accounts/service-account-view.server';
import {
  createServiceAccountInput,
  disableServiceAccountInput,
  issueKeyInput,
  listServiceAccountsInput,
  serviceAccountIdInput,
  updateServiceAccountInput,
} from '~/service-accounts/service-accounts.schema';
import {
  createServiceAccount,
  disableServiceAccount,
  enableServiceAccount,
  updateServiceAccount,
} from '~/service-accounts/service-accounts.server';
import { adminProcedure, router, unwrap } from './procedures.server';

/** Their keys end through `keys.revoke`, as everybody's. */
export const serviceAccountsRouter = router({
  list: adminProcedure
    .input(listServiceAccountsInput)
    .query(({ ctx, input }) => listServiceAccounts(ctx.app, input)),

  get: adminProcedure
    .input(serviceAccountIdInput)
    .query(async ({ ctx, input }) => unwrap(await getServiceAccount(ctx.app, input.serviceAccountId))),

  create: adminProcedure
    .input(createServiceAccountInput)
    .mutation(async ({ ctx, input }) => unwrap(await createServiceAccount(ctx.app, ctx.actor, input))),

  update: adminProcedure
    .input(updateServiceAccountInput)
    .mutation(async ({ ctx, input }) => unwrap(await updateServiceAccount(ctx.app, ctx.actor, input))),

  issueKey: adminProcedure
    .input(issueKeyInput)
    .mutation(async ({ ctx, input }) => unwrap(await issueKey(ctx.app, ctx.actor, input))),

  disable: adminProcedure
    .input(disableServiceAccountInput)
    .mutation(async ({ ctx, input }) => unwrap(await disableServiceAccount(ctx.app, ctx.actor, input))),

  enable: adminProcedure
    .input(serviceAccountIdInput)
    .mutation(async ({ ctx, input }) =>
      unwrap(await enableServiceAccount(ctx.app, ctx.actor, input.serviceAccountId)),
    ),
});

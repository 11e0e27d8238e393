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
import { adminProcedure, call, router } from './procedures.server';

/** `keys.revoke` revokes their keys, too. */
export const serviceAccountsRouter = router({
  list: adminProcedure('Lists service accounts.')
    .input(listServiceAccountsInput)
    .query(({ ctx, input }) => listServiceAccounts(ctx.app, input)),
  get: adminProcedure('Returns a service account with its keys.')
    .input(serviceAccountIdInput)
    .query(async ({ ctx, input }) => unwrap(await getServiceAccount(ctx.app, input.serviceAccountId))),
  create: adminProcedure('Creates a service account.')
    .input(createServiceAccountInput)
    .mutation(call(createServiceAccount)),
  update: adminProcedure("Changes a service account's name or purpose.")
    .input(updateServiceAccountInput)
    .mutation(call(updateServiceAccount)),
  issueKey: adminProcedure('Issues a key to a service account and returns the raw key, once.')
    .input(issueKeyInput)
    .mutation(call(issueKey)),
  disable: adminProcedure('Disables a service account and revokes its keys.')
    .input(disableServiceAccountInput)
    .mutation(call(disableServiceAccount)),
  enable: adminProcedure('Enables a disabled service account. Revoked keys stay revoked.')
    .input(serviceAccountIdInput)
    .mutation(call((app, actor, { serviceAccountId }) => enableServiceAccount(app, actor, serviceAccountId))),
});

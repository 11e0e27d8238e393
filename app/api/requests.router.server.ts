import { approveRequest, rejectRequest } from '~/requests/decide-request.server';
import { countPendingRequests, listPendingRequests } from '~/requests/list-pending-requests.server';
import { approveInput, rejectInput } from '~/requests/requests.schema';
import { adminProcedure, call, router } from './procedures.server';

export const requestsRouter = router({
  pending: adminProcedure('Lists the pending requests.').query(({ ctx }) =>
    listPendingRequests(ctx.app, ctx.actor),
  ),
  countPending: adminProcedure('Returns the number of pending requests.').query(({ ctx }) =>
    countPendingRequests(ctx.app),
  ),
  approve: adminProcedure('Approves a pending request. The requester can then reveal the key.')
    .input(approveInput)
    .mutation(call((app, actor, { keyId }) => approveRequest(app, actor, keyId))),
  reject: adminProcedure('Rejects a pending request, with a reason.')
    .input(rejectInput)
    .mutation(call((app, actor, { keyId, reason }) => rejectRequest(app, actor, keyId, reason))),
});

import { approveRequest, rejectRequest } from '~/requests/decide-request.server';
import { countPendingRequests, listPendingRequests } from '~/requests/list-pending-requests.server';
import { approveInput, rejectInput } from '~/requests/requests.schema';
import { adminProcedure, router, unwrap } from './procedures.server';

export const requestsRouter = router({
  pending: adminProcedure.query(({ ctx }) => listPendingRequests(ctx.app, ctx.actor)),

  countPending: adminProcedure.query(({ ctx }) => countPendingRequests(ctx.app)),

  approve: adminProcedure
    .input(approveInput)
    .mutation(async ({ ctx, input }) => unwrap(await approveRequest(ctx.app, ctx.actor, input.keyId))),

  reject: adminProcedure
    .input(rejectInput)
    .mutation(async ({ ctx, input }) =>
      unwrap(await rejectRequest(ctx.app, ctx.actor, input.keyId, input.reason)),
    ),
});

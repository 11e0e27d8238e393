import { adminProcedure, router, unwrap } from './procedures.server';
import { countPending, listPending } from '~/requests/list-pending-requests.server';
import { approveInput, rejectInput } from '~/requests/requests.schema';
import { approveRequest, rejectRequest } from '~/requests/decide-request.server';

export const requestsRouter = router({
  pending: adminProcedure.query(({ ctx }) => listPending(ctx.app, ctx.actor)),

  countPending: adminProcedure.query(({ ctx }) => countPending(ctx.app)),

  approve: adminProcedure
    .input(approveInput)
    .mutation(async ({ ctx, input }) => unwrap(await approveRequest(ctx.app, ctx.actor, input.keyId))),

  reject: adminProcedure
    .input(rejectInput)
    .mutation(async ({ ctx, input }) =>
      unwrap(await rejectRequest(ctx.app, ctx.actor, input.keyId, input.reason)),
    ),
});

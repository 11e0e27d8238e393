import { approveRequest, rejectRequest } from '~/requests/decide-request.server';
import { countPendingRequests, listPendingRequests } from '~/requests/list-pending-requests.server';
import { approveInput, rejectInput } from '~/requests/requests.schema';
import { unwrap } from './errors.server';
import { adminProcedure, router } from './procedures.server';

export const requestsRouter = router({
  pending: adminProcedure
    .meta({ summary: 'Lists the pending requests.' })
    .query(({ ctx }) => listPendingRequests(ctx.app, ctx.actor)),

  countPending: adminProcedure
    .meta({ summary: 'Returns the number of pending requests.' })
    .query(({ ctx }) => countPendingRequests(ctx.app)),

  approve: adminProcedure
    .meta({ summary: 'Approves a pending request. The requester can then reveal the key.' })
    .input(approveInput)
    .mutation(async ({ ctx, input }) => unwrap(await approveRequest(ctx.app, ctx.actor, input.keyId))),

  reject: adminProcedure
    .meta({ summary: 'Rejects a pending request, with a reason.' })
    .input(rejectInput)
    .mutation(async ({ ctx, input }) =>
      unwrap(await rejectRequest(ctx.app, ctx.actor, input.keyId, input.reason)),
    ),
});

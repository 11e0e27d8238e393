import { memberProcedure, router, unwrap } from '~/trpc/init.server';
import { keyIdInput, requestKeyInput, revokeInput } from './keys.schema';
import { getOwnKey, listOwnKeys, requestKey, revealKey, revokeKey, withdrawKey } from './keys.server';

export const keysRouter = router({
  mine: memberProcedure.query(({ ctx }) => listOwnKeys(ctx.app, ctx.actor)),

  get: memberProcedure
    .input(keyIdInput)
    .query(async ({ ctx, input }) => unwrap(await getOwnKey(ctx.app, ctx.actor, input.keyId))),

  request: memberProcedure
    .input(requestKeyInput)
    .mutation(async ({ ctx, input }) => unwrap(await requestKey(ctx.app, ctx.actor, input))),

  reveal: memberProcedure
    .input(keyIdInput)
    .mutation(async ({ ctx, input }) => unwrap(await revealKey(ctx.app, ctx.actor, input.keyId))),

  revoke: memberProcedure
    .input(revokeInput)
    .mutation(async ({ ctx, input }) =>
      unwrap(await revokeKey(ctx.app, ctx.actor, input.keyId, input.reason)),
    ),

  withdraw: memberProcedure
    .input(keyIdInput)
    .mutation(async ({ ctx, input }) => unwrap(await withdrawKey(ctx.app, ctx.actor, input.keyId))),
});

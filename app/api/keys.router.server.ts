import { adminProcedure, memberProcedure, router, unwrap } from './procedures.server';
import { revokeKey, withdrawKey } from '~/keys/revoke-key.server';
import {
  keyIdInput,
  keyIdsInput,
  ownKeysInput,
  rawKeyInput,
  registerInput,
  requestKeyInput,
  revokeInput,
} from '~/keys/keys.schema';
import { getOwnKey, listOwnKeys } from '~/keys/own-keys.server';
import { findByRawKey, listChosen, listRegister } from '~/keys/list-keys.server';
import { requestKey } from '~/requests/request-key.server';
import { revealKey } from '~/keys/reveal-key.server';

export const keysRouter = router({
  mine: memberProcedure.input(ownKeysInput).query(({ ctx, input }) => listOwnKeys(ctx.app, ctx.actor, input)),

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

  register: adminProcedure.input(registerInput).query(({ ctx, input }) => listRegister(ctx.app, input)),

  chosen: adminProcedure.input(keyIdsInput).query(({ ctx, input }) => listChosen(ctx.app, input.keyIds)),

  /** A mutation, so that the raw key travels in a body and never in an address. */
  findByRawKey: adminProcedure
    .input(rawKeyInput)
    .mutation(async ({ ctx, input }) => unwrap(await findByRawKey(ctx.app, input.rawKey))),
});

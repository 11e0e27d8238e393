import {
  keyIdInput,
  keyIdsInput,
  listKeysInput,
  ownKeysInput,
  rawKeyInput,
  requestKeyInput,
  revokeInput,
} from '~/keys/keys.schema';
import { findByRawKey, getKeysByIds, listKeys } from '~/keys/list-keys.server';
import { getOwnKey, listOwnKeys } from '~/keys/own-keys.server';
import { revealKey } from '~/keys/reveal-key.server';
import { revokeKey, withdrawKey } from '~/keys/revoke-key.server';
import { requestKey } from '~/requests/request-key.server';
import { adminProcedure, memberProcedure, router, unwrap } from './procedures.server';

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

  register: adminProcedure.input(listKeysInput).query(({ ctx, input }) => listKeys(ctx.app, input)),

  chosen: adminProcedure.input(keyIdsInput).query(({ ctx, input }) => getKeysByIds(ctx.app, input.keyIds)),

  /** A mutation, so that the raw key travels in a body and never in an address. */
  findByRawKey: adminProcedure
    .input(rawKeyInput)
    .mutation(async ({ ctx, input }) => unwrap(await findByRawKey(ctx.app, input.rawKey))),
});

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
import { getOwnKey, listOwnKeys } from '~/keys/list-own-keys.server';
import { revealKey } from '~/keys/reveal-key.server';
import { revokeKey, withdrawKey } from '~/keys/revoke-key.server';
import { requestKey } from '~/requests/request-key.server';
import { unwrap } from './errors.server';
import { adminProcedure, memberProcedure, router } from './procedures.server';

export const keysRouter = router({
  mine: memberProcedure
    .meta({ summary: "Lists the caller's keys." })
    .input(ownKeysInput)
    .query(({ ctx, input }) => listOwnKeys(ctx.app, ctx.actor, input)),

  get: memberProcedure
    .meta({ summary: "Returns one of the caller's keys." })
    .input(keyIdInput)
    .query(async ({ ctx, input }) => unwrap(await getOwnKey(ctx.app, ctx.actor, input.keyId))),

  request: memberProcedure
    .meta({ summary: 'Requests a key. Issued immediately, with the raw key, unless it needs approval.' })
    .input(requestKeyInput)
    .mutation(async ({ ctx, input }) => unwrap(await requestKey(ctx.app, ctx.actor, input))),

  reveal: memberProcedure
    .meta({ summary: 'Creates and returns the raw key of an approved request, once.' })
    .input(keyIdInput)
    .mutation(async ({ ctx, input }) => unwrap(await revealKey(ctx.app, ctx.actor, input.keyId))),

  revoke: memberProcedure
    .meta({ summary: 'Revokes an active key. Admins may revoke any key, with a reason.' })
    .input(revokeInput)
    .mutation(async ({ ctx, input }) =>
      unwrap(await revokeKey(ctx.app, ctx.actor, input.keyId, input.reason)),
    ),

  withdraw: memberProcedure
    .meta({ summary: "Withdraws one of the caller's pending requests." })
    .input(keyIdInput)
    .mutation(async ({ ctx, input }) => unwrap(await withdrawKey(ctx.app, ctx.actor, input.keyId))),

  register: adminProcedure
    .meta({ summary: 'Lists and searches all keys, by page.' })
    .input(listKeysInput)
    .query(({ ctx, input }) => listKeys(ctx.app, input)),

  chosen: adminProcedure
    .meta({ summary: 'Returns keys by their ids.' })
    .input(keyIdsInput)
    .query(({ ctx, input }) => getKeysByIds(ctx.app, input.keyIds)),

  // A mutation so that the raw key is sent in the body and never appears in a URL.
  findByRawKey: adminProcedure
    .meta({ summary: 'Finds the key that a raw key in a text belongs to. Changes nothing.' })
    .input(rawKeyInput)
    .mutation(async ({ ctx, input }) => unwrap(await findByRawKey(ctx.app, input.rawKey))),
});

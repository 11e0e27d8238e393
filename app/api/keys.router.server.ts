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
import { adminProcedure, call, memberProcedure, router } from './procedures.server';

export const keysRouter = router({
  mine: memberProcedure("Lists the caller's keys.")
    .input(ownKeysInput)
    .query(({ ctx, input }) => listOwnKeys(ctx.app, ctx.actor, input)),
  get: memberProcedure("Returns one of the caller's keys.")
    .input(keyIdInput)
    .query(call((app, actor, { keyId }) => getOwnKey(app, actor, keyId))),
  request: memberProcedure('Requests a key. Issued immediately, with the raw key, unless it needs approval.')
    .input(requestKeyInput)
    .mutation(call(requestKey)),
  reveal: memberProcedure('Creates and returns the raw key of an approved request, once.')
    .input(keyIdInput)
    .mutation(call((app, actor, { keyId }) => revealKey(app, actor, keyId))),
  revoke: memberProcedure('Revokes an active key. Admins may revoke any key, with a reason.')
    .input(revokeInput)
    .mutation(call((app, actor, { keyId, reason }) => revokeKey(app, actor, keyId, reason))),
  withdraw: memberProcedure("Withdraws one of the caller's pending requests.")
    .input(keyIdInput)
    .mutation(call((app, actor, { keyId }) => withdrawKey(app, actor, keyId))),
  register: adminProcedure('Lists and searches all keys, by page.')
    .input(listKeysInput)
    .query(({ ctx, input }) => listKeys(ctx.app, input)),
  chosen: adminProcedure('Returns keys by their ids.')
    .input(keyIdsInput)
    .query(({ ctx, input }) => getKeysByIds(ctx.app, input.keyIds)),
  // A mutation so that the raw key is sent in the body and never appears in a URL.
  findByRawKey: adminProcedure('Finds the key that a raw key in a text belongs to. Changes nothing.')
    .input(rawKeyInput)
    .mutation(async ({ ctx, input }) => unwrap(await findByRawKey(ctx.app, input.rawKey))),
});

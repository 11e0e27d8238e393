import type { ActionFunctionArgs } from '@remix-run/node';
import { submit } from '~/trpc/route.server';
import type { Caller } from '~/trpc/router.server';

/** What became of several decisions: how many were carried out, and why the others were not. */
export interface Decided {
  done: number;
  refused: string[];
}

/** Decides one after the other: each is a transaction of its own, and one refusal does not stop the rest. */
export async function decideSeveral(
  args: ActionFunctionArgs,
  keyIds: string[],
  decide: (api: Caller, keyId: string) => Promise<unknown>,
): Promise<Decided> {
  const decided: Decided = { done: 0, refused: [] };
  for (const keyId of keyIds) {
    const result = await submit(args, (api) => decide(api, keyId));
    if (result.ok) decided.done += 1;
    else decided.refused.push(result.message);
  }
  return decided;
}

import type { ActionFunctionArgs } from '@remix-run/node';
import { submit } from './call-from-route.server';
import type { Caller } from './router.server';

/** What became of several calls: how many were carried out, and why the others were not. */
export interface SubmitManyResult {
  done: number;
  refused: string[];
}

/** Makes one call for each key after the other: each is a transaction of its own, and one refusal does not stop the rest. */
export async function submitMany(
  args: ActionFunctionArgs,
  keyIds: string[],
  call: (api: Caller, keyId: string) => Promise<unknown>,
): Promise<SubmitManyResult> {
  const submitted: SubmitManyResult = { done: 0, refused: [] };
  for (const keyId of keyIds) {
    const result = await submit(args, (api) => call(api, keyId));
    if (result.ok) submitted.done += 1;
    else submitted.refused.push(result.message);
  }
  return submitted;
}

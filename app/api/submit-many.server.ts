import type { ActionFunctionArgs } from '@remix-run/node';
import { submit } from './call-from-route.server';
import type { Caller } from './router.server';

export interface SubmitManyResult {
  /** How many calls succeeded. */
  done: number;
  /** The messages of those that failed. */
  refused: string[];
}

/** Makes one call per key, one after the other. Each is a transaction of its own, so a failure doesn't stop the rest. */
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

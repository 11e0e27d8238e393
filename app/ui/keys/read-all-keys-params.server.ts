import { keyId, keyListStatuses, type ListKeysInput, listKeysInput } from '~/keys/keys.schema';

/** Reads filters and place from the URL. Invalid ones are left out; an invalid search is explained in `problem`. */
export function readAllKeysParams(params: URLSearchParams): {
  input: NonNullable<ListKeysInput>;
  problem: string | null;
} {
  const status = keyListStatuses.find((one) => one === params.get('status'));
  const sort = params.get('sort') === 'oldest' ? ('oldest' as const) : undefined;
  const input: NonNullable<ListKeysInput> = { status, sort, ...readPlace(params) };
  const q = params.get('q')?.trim();
  if (!q) return { input, problem: null };
  const parsed = listKeysInput.safeParse({ q });
  if (parsed.success) return { input: { ...input, q }, problem: null };
  return { input, problem: parsed.error.issues[0]?.message ?? null };
}

function readPlace(params: URLSearchParams): { cursor?: string; after?: string } {
  const cursor = keyId.safeParse(params.get('cursor'));
  if (cursor.success) return { cursor: cursor.data };
  const after = keyId.safeParse(params.get('after'));
  return after.success ? { after: after.data } : {};
}

import { z } from 'zod';
import { MAX_SEARCH_LENGTH, SERVICE_ACCOUNT_NAME_LENGTH } from '~/core/limits';
import { containsNoRawKey, type KeyView, optionalReason, purpose, requestKeyInput } from '~/keys/keys.schema';
import { RAW_KEY_IN_TEXT } from '~/keys/raw-key-patterns';

const { min, max } = SERVICE_ACCOUNT_NAME_LENGTH;
const NAME_MESSAGE = `Use ${min} to ${max} letters (a to z) and digits, with single spaces, dots, hyphens, slashes or underscores between them, such as “ci/release-notes”.`;

/**
 * The verify endpoint returns it in the header that carries a person's email address: so it is plain ASCII, and without
 * `@` nobody can pass a service account off as a person.
 */
const accountName = z
  .string(NAME_MESSAGE)
  .trim()
  .min(min, NAME_MESSAGE)
  .max(max, NAME_MESSAGE)
  .regex(/^[A-Za-z0-9]+([ ._/-][A-Za-z0-9]+)*$/, NAME_MESSAGE)
  .refine(containsNoRawKey, RAW_KEY_IN_TEXT);

const serviceAccountId = z.string().regex(/^sva_[0-9a-z]{20}$/, 'This isn’t a service account id.');

export const serviceAccountIdInput = z.object({ serviceAccountId });

export const createServiceAccountInput = z.object({ name: accountName, purpose });
export type CreateServiceAccountInput = z.infer<typeof createServiceAccountInput>;

export const updateServiceAccountInput = serviceAccountIdInput.extend(
  createServiceAccountInput.partial().shape,
);
export type UpdateServiceAccountInput = z.infer<typeof updateServiceAccountInput>;

export const issueKeyInput = serviceAccountIdInput.extend(requestKeyInput.shape);
export type IssueKeyInput = z.infer<typeof issueKeyInput>;

export const disableServiceAccountInput = serviceAccountIdInput.extend({ reason: optionalReason });

export const serviceAccountStates = ['enabled', 'disabled'] as const;

export const listServiceAccountsInput = z
  .object({
    /** Part of a name or purpose, ignoring case. */
    query: z.string().trim().max(MAX_SEARCH_LENGTH).optional(),
    state: z.enum(serviceAccountStates).optional(),
  })
  .optional();
export type ListServiceAccountsInput = z.infer<typeof listServiceAccountsInput>;

/** Only admins see service accounts. Times in milliseconds since the epoch. */
export interface ServiceAccountView {
  id: string;
  name: string;
  purpose: string;
  createdAt: number;
  /** Name of the admin who created it. */
  createdBy: string;
  disabledAt: number | null;
  activeKeys: number;
  /** The latest use of any of its keys, revoked ones included; null for never. */
  lastUsedAt: number | null;
}

export interface ServiceAccountWithKeys extends ServiceAccountView {
  /** In every status, newest first. */
  keys: KeyView[];
}

import { z } from 'zod';
import type { KeyView } from '~/keys/key-types';
import { containsNoRawKey, purpose, reason } from '~/keys/keys.schema';
import { RAW_KEY_IN_TEXT } from '~/keys/raw-key-patterns';
import { environments } from '~db/schema/enums';

const NAME_WORDS =
  'Use 2 to 60 letters (a to z) and digits, with single spaces, dots, hyphens, slashes or underscores between them, such as “ci/release-notes”.';

/**
 * What a workload is called. The verify endpoint answers it in a header, where people have their e-mail address: so it is
 * plain ASCII, and has no `@`.
 */
const accountName = z
  .string(NAME_WORDS)
  .trim()
  .regex(/^(?=.{2,60}$)[A-Za-z0-9]+([ ._/-][A-Za-z0-9]+)*$/, NAME_WORDS)
  .refine(containsNoRawKey, RAW_KEY_IN_TEXT);

const accountPurpose = z
  .string('Say what runs as it.')
  .trim()
  .min(3, 'Say what runs as it, in at least 3 characters.')
  .max(200, 'Keep this to 200 characters.')
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'Keep this to one line.')
  .refine(containsNoRawKey, RAW_KEY_IN_TEXT);

const serviceAccountId = z.string().regex(/^sva_[0-9a-z]{20}$/, 'This is not the id of a service account.');

export const serviceAccountIdInput = z.object({ serviceAccountId });

export const createServiceAccountInput = z.object({ name: accountName, purpose: accountPurpose });
export type CreateServiceAccountInput = z.infer<typeof createServiceAccountInput>;

/** What is left out stays. */
export const updateServiceAccountInput = serviceAccountIdInput.extend(
  createServiceAccountInput.partial().shape,
);
export type UpdateServiceAccountInput = z.infer<typeof updateServiceAccountInput>;

export const issueKeyInput = serviceAccountIdInput.extend({
  /** The tool's slug. */
  tool: z.string('Pick one of the tools.').min(1, 'Pick one of the tools.').max(100),
  environment: z.enum(environments, 'Pick one of the environments.'),
  purpose,
});
export type IssueKeyInput = z.infer<typeof issueKeyInput>;

export const disableServiceAccountInput = serviceAccountIdInput.extend({
  reason: z.preprocess((given) => (given === '' ? undefined : given), reason.optional()),
});

export const serviceAccountStates = ['enabled', 'disabled'] as const;

export const listServiceAccountsInput = z
  .object({
    /** Part of a name or purpose, whatever the case. */
    query: z.string().trim().max(200).optional(),
    state: z.enum(serviceAccountStates).optional(),
  })
  .optional();
export type ListServiceAccountsInput = z.infer<typeof listServiceAccountsInput>;

/** A service account as admins see it; nobody else sees any of it. Times in milliseconds since the epoch. */
export interface ServiceAccountView {
  id: string;
  name: string;
  purpose: string;
  createdAt: number;
  /** The name of the admin who made it, whatever has become of them. */
  createdBy: string;
  disabledAt: number | null;
  activeKeys: number;
  /** When one of its keys was last used, one that has ended among them; null for never. */
  lastUsedAt: number | null;
}

/** One account with every key that it holds or held, newest first. */
export interface ServiceAccountWithKeys extends ServiceAccountView {
  keys: KeyView[];
}

import { z } from 'zod';
import { MAX_LOOKUP_LENGTH, MAX_SEARCH_LENGTH, ONE_LINE, PURPOSE_LENGTH, REASON_LENGTH } from '~/core/limits';
import { type Environment, environments, type KeyStatus, keyStatuses } from '~db/schema/enums';
import { PARTIAL_RAW_KEY_PATTERN, RAW_KEY_IN_SEARCH, RAW_KEY_IN_TEXT } from './raw-key-patterns';

/** People paste secrets into text fields, and these texts are stored for good. */
export const containsNoRawKey = (text: string) => !new RegExp(PARTIAL_RAW_KEY_PATTERN).test(text);

export const purpose = z
  .string('Enter a purpose.')
  .trim()
  .min(PURPOSE_LENGTH.min, `Use at least ${PURPOSE_LENGTH.min} characters.`)
  .max(PURPOSE_LENGTH.max, `Use at most ${PURPOSE_LENGTH.max} characters.`)
  .regex(ONE_LINE, 'Use a single line.')
  .refine(containsNoRawKey, RAW_KEY_IN_TEXT);

/** Why someone rejects, revokes or disables. The holder reads it. */
export const reason = z
  .string('Enter a reason. The holder will read it.')
  .trim()
  .min(
    REASON_LENGTH.min,
    `Enter a reason of at least ${REASON_LENGTH.min} characters. The holder will read it.`,
  )
  .max(REASON_LENGTH.max, `Use at most ${REASON_LENGTH.max} characters.`)
  .refine(containsNoRawKey, RAW_KEY_IN_TEXT);

/** A form sends an empty text for a field that was left empty. */
export const optionalReason = z.preprocess((text) => (text === '' ? undefined : text), reason.optional());

export const keyId = z.string().regex(/^key_[0-9a-z]{20}$/, 'This isn’t a key id.');
const toolSlug = z.string('Choose a tool.').min(1, 'Choose a tool.').max(MAX_LOOKUP_LENGTH);

export const requestKeyInput = z.object({
  tool: toolSlug,
  environment: z.enum(environments, 'Choose an environment.'),
  purpose,
});
export type RequestKeyInput = z.infer<typeof requestKeyInput>;

export const keyIdInput = z.object({ keyId });

export const ownKeysInput = z
  .object({
    /** How many of the latest rejected and revoked keys to include; all of them by default. */
    ended: z.number().int().min(1).max(1_000).optional(),
  })
  .optional();
export type OwnKeysInput = z.infer<typeof ownKeysInput>;

export const keyIdsInput = z.object({ keyIds: z.array(keyId).max(100, 'Choose at most 100 keys.') });

/** An admin must give a reason for another holder's key (`revokeKey` checks it). */
export const revokeInput = z.object({ keyId, reason: optionalReason });

/** `live` is `PENDING` or `ACTIVE`. */
export const keyListStatuses = ['live', ...keyStatuses] as const;
export type KeyListStatus = (typeof keyListStatuses)[number];

export const listKeysInput = z
  .object({
    /** Part of the holder's name or email, or of the tool's name or slug; a display prefix; or a key's id. */
    q: z
      .string()
      .trim()
      .max(MAX_SEARCH_LENGTH, `Use at most ${MAX_SEARCH_LENGTH} characters.`)
      .refine(containsNoRawKey, RAW_KEY_IN_SEARCH)
      .optional(),
    status: z.enum(keyListStatuses).optional(),
    /** Newest first by default. */
    sort: z.literal('oldest').optional(),
    /** The last key of the previous page. */
    cursor: keyId.optional(),
    /** The first key of the next page, to go back. */
    after: keyId.optional(),
  })
  .refine(({ cursor, after }) => cursor === undefined || after === undefined, {
    path: ['after'],
    message: 'Use cursor or after, not both.',
  })
  .optional();
export type ListKeysInput = z.infer<typeof listKeysInput>;

export const rawKeyInput = z.object({
  /** Text that contains a raw key. */
  rawKey: z
    .string('Paste the key.')
    .min(1, 'Paste the key.')
    .max(10_000, 'Paste only the key.')
    .meta({ writeOnly: true }),
});

/** How a key ended. */
export interface KeyEnd {
  as: 'rejected' | 'withdrawn' | 'revoked';
  at: number;
  /** Null when the server ended it, for example after a restore. */
  by: { name: string; isHolder: boolean } | null;
  /** Present for every rejection, and for every revocation by an admin who isn't the holder. */
  reason: string | null;
}

/** A key as its holder sees it, without its hash. Times in milliseconds since the epoch. */
export interface KeyView {
  id: string;
  tool: {
    slug: string;
    displayName: string;
    /** Present only for an archived tool, whose keys the gateway refuses. */
    archived?: true;
  };
  environment: Environment;
  purpose: string;
  status: KeyStatus;
  /** Null before the reveal. */
  prefix: string | null;
  revealed: boolean;
  createdAt: number;
  lastUsedAt: number | null;
  /** Null while the key is live. */
  ended: KeyEnd | null;
}

export interface KeyHolder {
  id: string;
  name: string;
  /** Null for a service account. */
  email: string | null;
  disabled: boolean;
}

/** A key as admins see it. */
export interface AdminKeyView extends KeyView {
  holder: KeyHolder;
}

export interface KeyPage {
  keys: AdminKeyView[];
  /** How many keys match on all pages; the minimum when `countIsWhole` is false. */
  count: number;
  countIsWhole: boolean;
  /** The next page's `cursor`; null on the last page. */
  nextCursor: string | null;
  /** The previous page's `after`; null on the first page. */
  newerCursor: string | null;
}

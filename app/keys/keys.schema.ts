import { z } from 'zod';
import { environments, keyStatuses } from '~db/schema/enums';
import type { KeyView } from './key-types';
import { MORE_THAN_A_PREFIX, RAW_KEY_IN_SEARCH, RAW_KEY_IN_TEXT } from './raw-key-patterns';

/** Secrets get pasted where they don't belong; what is written down here is kept for ever. */
export const containsNoRawKey = (text: string) => !new RegExp(MORE_THAN_A_PREFIX).test(text);

/** One line, as it will stand on the audit trail. Control and line-separating characters are refused. */
export const purpose = z
  .string('Say what the key is for.')
  .trim()
  .min(3, 'Say what the key is for, in at least 3 characters.')
  .max(200, 'Keep the purpose to 200 characters.')
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'Keep the purpose to one line.')
  .refine(containsNoRawKey, RAW_KEY_IN_TEXT);

/** Why a person refuses or revokes; the holder reads it. */
export const reason = z
  .string('Say why: the holder will read the reason.')
  .trim()
  .min(3, 'Say why, in at least 3 characters: the holder will read it.')
  .max(500, 'Keep the reason to 500 characters.')
  .refine(containsNoRawKey, RAW_KEY_IN_TEXT);

export const keyId = z.string().regex(/^key_[0-9a-z]{20}$/, 'This is not the id of a key.');

export const requestKeyInput = z.object({
  /** The tool's slug. */
  tool: z.string().min(1).max(100),
  environment: z.enum(environments, 'Pick one of the environments.'),
  purpose,
});

export const keyIdInput = z.object({ keyId });

export const ownKeysInput = z
  .object({
    /** How many keys that have ended are wanted at most, the latest ones; all of them unless given. */
    ended: z.number().int().min(1).max(1_000).optional(),
  })
  .optional();
export type OwnKeysInput = z.infer<typeof ownKeysInput>;

export const keyIdsInput = z.object({ keyIds: z.array(keyId).max(100, 'Choose at most 100 keys.') });

export const revokeInput = z.object({
  keyId,
  /** Required of an admin who revokes somebody else's key. */
  reason: z.preprocess((given) => (given === '' ? undefined : given), reason.optional()),
});

/** `live` is `PENDING` or `ACTIVE`. */
export const keyListStatuses = ['live', ...keyStatuses] as const;
export type KeyListStatus = (typeof keyListStatuses)[number];

export const listKeysInput = z
  .object({
    /** Part of the holder's name or e-mail, or of the tool's name or slug; a display prefix; or a key's id. */
    q: z
      .string()
      .trim()
      .max(100, 'Search for something shorter.')
      .refine(containsNoRawKey, RAW_KEY_IN_SEARCH)
      .optional(),
    status: z.enum(keyListStatuses).optional(),
    /** The last key of the page to go on from, or (`after`) the first of the one to go back from. */
    /** Newest first unless this is given. */
    sort: z.literal('oldest').optional(),
    cursor: keyId.optional(),
    after: keyId.optional(),
  })
  .refine(({ cursor, after }) => cursor === undefined || after === undefined, {
    path: ['after'],
    message: 'Give cursor or after, not both.',
  })
  .optional();
export type ListKeysInput = z.infer<typeof listKeysInput>;

export const rawKeyInput = z.object({
  /** Text with a raw key in it. */
  rawKey: z.string('Paste the key.').min(1, 'Paste the key.').max(10_000, 'Paste the key alone.'),
});

/** Who holds a key, as admins see it; a service account has no e-mail address. */
export interface KeyHolder {
  id: string;
  name: string;
  email: string | null;
  disabled: boolean;
}

/** A key as admins see it. */
export interface AdminKeyView extends KeyView {
  holder: KeyHolder;
}

export interface KeyPage {
  /** In the order that was asked for. */
  keys: AdminKeyView[];
  /** How many match, on all pages; at least so many when `countIsWhole` is false. */
  count: number;
  countIsWhole: boolean;
  /** To be given as `cursor` for the next page, an older one if newest come first; null at the end. */
  nextCursor: string | null;
  /** To be given as `after` for the page before, a newer one if newest come first; null at the beginning. */
  newerCursor: string | null;
}

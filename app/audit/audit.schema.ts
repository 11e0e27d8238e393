import { z } from 'zod';
import { MAX_EMAIL_LENGTH, MAX_KEY_FILTER_LENGTH, MAX_LOOKUP_LENGTH } from '~/core/limits';
import { auditActions } from './audit-actions';

/** What a list or an export is narrowed to; all of them together. */
export const auditFilters = z.object({
  /** E-mail, as it was when the entry was made, or user id. */
  actor: z.string().trim().min(1).max(MAX_EMAIL_LENGTH).optional(),
  action: z.enum(auditActions, 'Pick one of the actions.').optional(),
  /** Slug or id. */
  tool: z.string().trim().min(1).max(MAX_LOOKUP_LENGTH).optional(),
  /** Id or display prefix; too short for a raw key, which has no business in a filter. */
  key: z
    .string()
    .trim()
    .min(1)
    .max(MAX_KEY_FILTER_LENGTH, 'Give the key’s id or display prefix, never the key itself.')
    .optional(),
  /** Milliseconds since the epoch, UTC, both inclusive. */
  from: z.number().int().nonnegative().optional(),
  to: z.number().int().nonnegative().optional(),
});
export type AuditFilters = z.infer<typeof auditFilters>;

const seq = z.number().int().positive();

/** Where a page begins: `cursor` and older, or `after` and newer (both exclusive); neither: the newest. */
export const auditListInput = auditFilters
  .extend({ cursor: seq.optional(), after: seq.optional() })
  .refine(({ cursor, after }) => cursor === undefined || after === undefined, {
    path: ['after'],
    message: 'Give cursor or after, not both.',
  })
  .optional();
export type AuditListInput = z.infer<typeof auditListInput>;

export const auditGetInput = z.object({ seq });

/** The end of the chain: the last entry's number and hash. An empty trail's is 0 and sixty-four zeros. */
export interface Head {
  seq: number;
  hash: string;
}

/** `seq:hash`, as people keep it. */
export const formatHead = ({ seq, hash }: Head): string => `${seq}:${hash}`;

const NOT_A_HEAD = 'A head is a number, a colon and 64 hexadecimal digits.';

/** Reads `seq:hash`. */
export const headText = z
  .string(NOT_A_HEAD)
  .trim()
  .regex(/^\d{1,15}:[0-9a-f]{64}$/i, NOT_A_HEAD)
  .transform((text): Head => {
    const [number, hash] = text.split(':') as [string, string];
    return { seq: Number(number), hash: hash.toLowerCase() };
  });

export const auditVerifyInput = z
  .object({
    /** A head kept elsewhere, `seq:hash`. */
    head: z.preprocess((given) => (given === '' ? undefined : given), headText.optional()),
  })
  .optional();

/** What an entry tells besides its columns: one level deep, values plain. */
export const detailsOf = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
export type Detail = z.infer<typeof detailsOf>[string];

/** One entry as answers show it: every column, the details read. */
export interface AuditView {
  seq: number;
  at: number;
  actorId: string | null;
  actorEmail: string | null;
  action: string;
  /** `noun:id`. */
  subject: string;
  keyId: string | null;
  toolId: string | null;
  address: string | null;
  userAgent: string | null;
  requestId: string | null;
  details: Record<string, Detail>;
  previousHash: string;
  hash: string;
}

/** What a row of the list shows; the rest is for the entry's own page. */
export type AuditRow = Omit<AuditView, 'userAgent' | 'requestId' | 'previousHash' | 'hash'>;

export interface AuditPage {
  /** Newest first. */
  entries: AuditView[];
  /** To be given as `cursor` for the next older page; null at the end. */
  nextCursor: number | null;
  /** To be given as `after` for the next newer page; null at the newest. */
  newerCursor: number | null;
  /** Words for the ids on this page: a key's prefix, a tool's name, a user's e-mail. */
  names: Record<string, string>;
}

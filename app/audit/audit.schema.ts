import { z } from 'zod';
import { MAX_EMAIL_LENGTH, MAX_KEY_FILTER_LENGTH, MAX_LOOKUP_LENGTH } from '~/core/limits';
import { auditActions } from './audit-actions';

/** Filters of a list or an export. An entry must match all of them. */
export const auditFilters = z.object({
  /** User id, or the email at the time of the entry. */
  actor: z.string().trim().min(1).max(MAX_EMAIL_LENGTH).optional(),
  action: z.enum(auditActions, 'Choose one of the actions.').optional(),
  /** Slug or id. */
  tool: z.string().trim().min(1).max(MAX_LOOKUP_LENGTH).optional(),
  /** Id or display prefix. The limit rejects raw keys: filters appear in URLs. */
  key: z
    .string()
    .trim()
    .min(1)
    .max(MAX_KEY_FILTER_LENGTH, 'Enter the key’s id or display prefix, not the key itself.')
    .optional(),
  /** Milliseconds since the Unix epoch, both inclusive. */
  from: z.number().int().nonnegative().optional(),
  to: z.number().int().nonnegative().optional(),
});
export type AuditFilters = z.infer<typeof auditFilters>;

const seq = z.number().int().positive();

/** `cursor` selects older entries, `after` newer ones (both exclusive). Without either, the newest. */
export const auditListInput = auditFilters
  .extend({ cursor: seq.optional(), after: seq.optional() })
  .refine(({ cursor, after }) => cursor === undefined || after === undefined, {
    path: ['after'],
    message: 'Use either cursor or after.',
  })
  .optional();
export type AuditListInput = z.infer<typeof auditListInput>;

export const auditGetInput = z.object({ seq });

/** The number and hash of the last entry. For an empty trail, 0 and 64 zeros. */
export interface Head {
  seq: number;
  hash: string;
}

/** The text form of a head, `seq:hash`, for people to save. */
export const formatHead = ({ seq, hash }: Head): string => `${seq}:${hash}`;

const NOT_A_HEAD = 'A head has the form number:hash, with 64 hexadecimal digits.';

/** Parses `seq:hash`. */
export const headSchema = z
  .string(NOT_A_HEAD)
  .trim()
  .regex(/^\d{1,15}:[0-9a-f]{64}$/i, NOT_A_HEAD)
  .transform((text): Head => {
    const [number, hash] = text.split(':') as [string, string];
    return { seq: Number(number), hash: hash.toLowerCase() };
  });

export const auditVerifyInput = z
  .object({
    /** A head saved earlier, as `seq:hash`. */
    head: z.preprocess((input) => (input === '' ? undefined : input), headSchema.optional()),
  })
  .optional();

/** Details of an entry: a flat object of plain values. */
export const auditDetails = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
export type AuditDetail = z.infer<typeof auditDetails>[string];

/** One entry with parsed details. */
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
  details: Record<string, AuditDetail>;
  previousHash: string;
  hash: string;
}

/** The columns that the list shows. */
export type AuditRow = Omit<AuditView, 'userAgent' | 'requestId' | 'previousHash' | 'hash'>;

export interface AuditPage {
  /** Newest first. */
  entries: AuditView[];
  /** The `cursor` of the next older page, or null at the end. */
  nextCursor: number | null;
  /** The `after` of the next newer page, or null at the newest. */
  newerCursor: number | null;
  /** Names for the ids on this page: a key's prefix, a tool's name, a user's email. */
  names: Record<string, string>;
}

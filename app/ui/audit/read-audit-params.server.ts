import { type AuditFilters, auditFilters } from '~/audit/audit.schema';

/** The audit page's URL parameters. Invalid filters are left out and reported by field. */
export interface AuditParams {
  filters: AuditFilters;
  position: { cursor?: number; after?: number };
  errors: Partial<Record<keyof AuditFilters, string>>;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** Accepted time formats, all UTC: the suffix that completes one to ISO 8601, and the span it covers. */
const TIME_FORMATS = [
  { format: /^\d{4}-\d\d-\d\d$/, suffix: 'T00:00Z', spanMs: DAY_MS },
  { format: /^\d{4}-\d\d-\d\dT\d\d:\d\d$/, suffix: 'Z', spanMs: MINUTE_MS },
  { format: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/, suffix: 'Z', spanMs: SECOND_MS },
];

/** Reads filters and page position from the URL. Times are UTC: `2026-11-07` or `2026-11-07T14:03`. */
export function readAuditParams(params: URLSearchParams): AuditParams {
  const filters: AuditFilters = {};
  const errors: AuditParams['errors'] = {};
  for (const name of ['actor', 'action', 'tool', 'key'] as const) {
    const text = params.get(name)?.trim();
    if (!text) continue;
    const parsed = auditFilters.shape[name].safeParse(text);
    if (parsed.success) Object.assign(filters, { [name]: parsed.data });
    else errors[name] = parsed.error.issues[0]?.message;
  }
  for (const name of ['from', 'to'] as const) {
    const text = params.get(name)?.trim();
    if (!text) continue;
    const span = readTime(text);
    if (span === null) errors[name] = 'Enter a day or a minute, such as 2026-11-07T14:03.';
    else filters[name] = name === 'from' ? span.first : span.last;
  }
  return {
    filters,
    errors,
    position: { cursor: readSeq(params, 'cursor'), after: readSeq(params, 'after') },
  };
}

/** The first and last millisecond of the day, minute or second in `text` (UTC), null if it is none. */
function readTime(text: string): { first: number; last: number } | null {
  const match = TIME_FORMATS.find(({ format }) => format.test(text));
  if (match === undefined) return null;
  const first = Date.parse(text + match.suffix);
  return Number.isNaN(first) ? null : { first, last: first + match.spanMs - 1 };
}

function readSeq(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name) ?? '';
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}

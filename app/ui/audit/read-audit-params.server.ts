import { type AuditFilters, auditFilters } from '~/audit/audit.schema';

/** What the address of the audit page says; what cannot be understood is left out and said so, by field. */
export interface AuditParams {
  filters: AuditFilters;
  place: { cursor?: number; after?: number };
  errors: Partial<Record<keyof AuditFilters, string>>;
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(:\d\d)?)?$/;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** Reads filters and place from the page's address. Times are UTC: `2026-11-07` or `2026-11-07T14:03`. */
export function readAuditParams(params: URLSearchParams): AuditParams {
  const filters: AuditFilters = {};
  const errors: AuditParams['errors'] = {};
  for (const name of ['actor', 'action', 'tool', 'key'] as const) {
    const given = params.get(name)?.trim();
    if (!given) continue;
    const parsed = auditFilters.shape[name].safeParse(given);
    if (parsed.success) Object.assign(filters, { [name]: parsed.data });
    else errors[name] = parsed.error.issues[0]?.message;
  }
  for (const name of ['from', 'to'] as const) {
    const given = params.get(name)?.trim();
    if (!given) continue;
    const span = readTime(given);
    if (span === null) errors[name] = 'Give a day or a minute, such as 2026-11-07T14:03.';
    else filters[name] = name === 'from' ? span.first : span.last;
  }
  return { filters, errors, place: { cursor: readSeq(params, 'cursor'), after: readSeq(params, 'after') } };
}

/** The first and last millisecond of the day, minute or second that the text names, in UTC. */
function readTime(text: string): { first: number; last: number } | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [, day, minute = '00:00', second = ':00'] = match;
  const first = Date.parse(`${day}T${minute}${second}Z`);
  if (Number.isNaN(first)) return null;
  const length = match[2] === undefined ? DAY_MS : match[3] === undefined ? MINUTE_MS : SECOND_MS;
  return { first, last: first + length - 1 };
}

function readSeq(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name) ?? '';
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}

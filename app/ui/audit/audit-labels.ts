import type { AuditDetail, AuditRow } from '~/audit/audit.schema';
import { formatUtc } from '~/core/format-time';

/** `Key revoked` for `key.revoked`. */
export function actionLabel(action: string): string {
  const words = action.replace(/[._]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The id of a subject written `noun:id`. */
const subjectId = (subject: string): string => subject.slice(subject.indexOf(':') + 1);

/** What the subject is called: its word where there is one, else as it was recorded. */
export function subjectLabel({ subject }: AuditRow, names: Record<string, string>): string {
  const noun = subject.slice(0, subject.indexOf(':')).replaceAll('_', ' ');
  const id = subjectId(subject);
  return `${noun} ${names[id] ?? id}`;
}

/** Whether the entry's actor, key or tool is what it happened to, so that it needs no naming again. */
export function isSubjectSaid({ subject, actorId, keyId, toolId }: AuditRow): boolean {
  return [actorId, keyId, toolId].includes(subjectId(subject));
}

/** Shown on their own, and first. */
const APART = new Set(['purpose', 'environment', 'reason']);

/** The details that are left, in words, without those that the entry's key and tool say already. */
export function otherDetails(
  { details, keyId, toolId }: AuditRow,
  names: Record<string, string>,
): [name: string, value: string][] {
  return Object.entries(details).flatMap(([name, value]) => {
    const said =
      APART.has(name) ||
      (name === 'tool' && toolId !== null && names[toolId] !== undefined) ||
      (name === 'prefix' && keyId !== null && names[keyId] !== undefined);
    return said ? [] : [[spaced(name), detailWords(name, value, names)]];
  });
}

function detailWords(name: string, value: AuditDetail, names: Record<string, string>): string {
  if (value === null) return 'none';
  if (typeof value === 'number' && /At$|^(from|to)$/.test(name)) return formatUtc(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return names[String(value)] ?? String(value);
}

/** `self approved` for `selfApproved`. */
const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

import type { AuditDetail, AuditRow } from '~/audit/audit.schema';
import { formatUtc } from '~/core/format-time';

/** Display text by id: a key's prefix, a tool's name, a user's email. */
type Names = Record<string, string>;

/** `Key revoked` for `key.revoked`. */
export function actionLabel(action: string): string {
  const label = action.replace(/[._]/g, ' ');
  return label.charAt(0).toUpperCase() + label.slice(1);
}

/** The id in a subject written `noun:id`. */
const subjectId = (subject: string): string => subject.slice(subject.indexOf(':') + 1);

/** `tool OpenAI` for `tool:tol_…`; the id where no name is known. */
export function subjectLabel({ subject }: AuditRow, names: Names): string {
  const noun = subject.slice(0, subject.indexOf(':')).replaceAll('_', ' ');
  const id = subjectId(subject);
  return `${noun} ${names[id] ?? id}`;
}

/** Whether the subject is the entry's actor, key or tool, which a row shows already. */
export function isSubjectShown({ subject, actorId, keyId, toolId }: AuditRow): boolean {
  return [actorId, keyId, toolId].includes(subjectId(subject));
}

/** Details with a place of their own in rows and drawers. */
const SHOWN_SEPARATELY = new Set(['purpose', 'environment', 'reason']);

/** The remaining details as label and value, without those that repeat the entry's key or tool. */
export function otherDetails(
  { details, keyId, toolId }: AuditRow,
  names: Names,
): [label: string, value: string][] {
  const isRepeated = (name: string) =>
    SHOWN_SEPARATELY.has(name) ||
    (name === 'tool' && toolId !== null && names[toolId] !== undefined) ||
    (name === 'prefix' && keyId !== null && names[keyId] !== undefined);
  return Object.entries(details)
    .filter(([name]) => !isRepeated(name))
    .map(([name, value]) => [spaced(name), detailText(name, value, names)]);
}

function detailText(name: string, value: AuditDetail, names: Names): string {
  if (value === null) return 'none';
  if (typeof value === 'number' && /At$|^(from|to)$/.test(name)) return formatUtc(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return names[String(value)] ?? String(value);
}

/** `self approved` for `selfApproved`. */
const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

import type { KeyEnd } from '~/keys/keys.schema';
import { Time } from '~/ui/time';

const LABELS: Record<KeyEnd['as'], string> = {
  rejected: 'Rejected',
  withdrawn: 'Withdrawn',
  revoked: 'Revoked',
};

interface KeyEndNoteProps {
  ended: KeyEnd;
  now: number;
  /** What to call the key's holder: *you* on their own page. */
  holder: string;
}

/** Who ended a key, when and why: *Revoked by Ada Byron 2 days ago: found in a paste*. */
export function KeyEndNote({ ended: { as, at, by, reason }, now, holder }: KeyEndNoteProps) {
  return (
    <p className="wrap-anywhere">
      {LABELS[as]}
      {by === null ? '' : ` by ${by.isHolder ? holder : by.name}`} <Time at={at} now={now} />
      {reason === null ? null : `: ${reason}`}
    </p>
  );
}

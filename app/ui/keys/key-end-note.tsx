import type { KeyEnd } from '~/keys/keys.schema';
import { Time } from '~/ui/time';

const WORDS: Record<KeyEnd['as'], string> = {
  rejected: 'Rejected',
  withdrawn: 'Withdrawn',
  revoked: 'Revoked',
};

interface KeyEndNoteProps {
  ended: KeyEnd;
  now: number;
  /** How the key's holder is called here: *you* on their own page. */
  holder: string;
}

/** Who ended a key, when, and with what reason: *Revoked by Ada Byron 2 days ago: found in a paste*. */
export function KeyEndNote({ ended: { as, at, by, reason }, now, holder }: KeyEndNoteProps) {
  return (
    <p className="wrap-anywhere">
      {WORDS[as]}
      {by === null ? '' : ` by ${by.isHolder ? holder : by.name}`} <Time at={at} now={now} />
      {reason === null ? null : `: ${reason}`}
    </p>
  );
}

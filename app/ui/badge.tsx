import type { ReactNode } from 'react';
import type { Environment, KeyStatus } from '~db/schema/enums';

type Tone = 'good' | 'wait' | 'neutral' | 'accent';

const TONES: Record<Tone, string> = {
  good: 'bg-good-tint text-good',
  wait: 'bg-wait-tint text-wait',
  neutral: 'bg-sunken text-muted',
  accent: 'bg-accent-tint text-accent',
};

/** A word on a tint. The meaning is in the word, never in the colour alone. */
export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full px-2 text-xs font-medium leading-5 ${TONES[tone]}`}
    >
      {children}
    </span>
  );
}

const STATUS_TONES: Record<KeyStatus, Tone> = {
  ACTIVE: 'good',
  PENDING: 'wait',
  REJECTED: 'neutral',
  REVOKED: 'neutral',
};

export function StatusBadge({ status }: { status: KeyStatus }) {
  return <Badge tone={STATUS_TONES[status]}>{status}</Badge>;
}

export function EnvironmentBadge({ environment }: { environment: Environment }) {
  return <Badge tone={environment === 'production' ? 'accent' : 'neutral'}>{environment}</Badge>;
}

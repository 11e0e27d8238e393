import { CircleAlert, CircleCheck, Info } from 'lucide-react';
import type { ReactNode } from 'react';

type Tone = 'info' | 'good' | 'wait' | 'problem';

const TONES: Record<Tone, string> = {
  info: 'bg-accent-tint border-line',
  good: 'bg-good-tint border-line',
  wait: 'bg-wait-tint border-line',
  problem: 'bg-surface border-danger',
};

const ICON_TONES: Record<Tone, string> = {
  info: 'text-accent',
  good: 'text-good',
  wait: 'text-wait',
  problem: 'text-danger',
};

/**
 * A heads-up within the page. What appears in answer to an action is announced: politely, or at once when it
 * is a problem.
 */
export function Notice({
  tone = 'info',
  announce = false,
  children,
  id,
}: {
  tone?: Tone;
  announce?: boolean;
  children: ReactNode;
  id?: string;
}) {
  const Icon = tone === 'good' ? CircleCheck : tone === 'info' ? Info : CircleAlert;
  return (
    <div
      id={id}
      role={announce ? (tone === 'problem' ? 'alert' : 'status') : undefined}
      className={`grid grid-cols-[auto_1fr] gap-2.5 rounded-md border px-3 py-2.5 text-sm ${TONES[tone]}`}
    >
      <Icon aria-hidden className={`mt-0.5 size-4 ${ICON_TONES[tone]}`} />
      <div className="min-w-0 wrap-anywhere">{children}</div>
    </div>
  );
}

interface Refused {
  ok: false;
  message: string;
}

/** What a refused form says above its fields: what happened, and what to do. */
export function FormError({ result }: { result: Refused | { ok: true } | undefined | null }) {
  if (!result || result.ok) return null;
  return (
    <div tabIndex={-1} data-form-problem>
      <Notice tone="problem" announce>
        {result.message}
      </Notice>
    </div>
  );
}

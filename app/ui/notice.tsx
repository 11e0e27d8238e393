import { CircleAlert, CircleCheck, Info, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

type Tone = 'info' | 'good' | 'wait' | 'problem';

const TONES: Record<Tone, string> = {
  info: 'bg-accent-tint border-line',
  good: 'bg-good-tint border-line',
  wait: 'bg-wait-tint border-line',
  problem: 'bg-surface border-danger',
};

const ICONS: Record<Tone, LucideIcon> = {
  info: Info,
  good: CircleCheck,
  wait: CircleAlert,
  problem: CircleAlert,
};

const ICON_TONES: Record<Tone, string> = {
  info: 'text-accent',
  good: 'text-good',
  wait: 'text-wait',
  problem: 'text-danger',
};

/** A message in the page. With `announce`, screen readers read it when it appears; a problem interrupts them. */
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
  const Icon = ICONS[tone];
  const role = tone === 'problem' ? 'alert' : 'status';
  return (
    <div
      id={id}
      role={announce ? role : undefined}
      className={`grid grid-cols-[auto_1fr] gap-2.5 rounded-md border px-3 py-2.5 text-sm ${TONES[tone]}`}
    >
      <Icon aria-hidden className={`mt-0.5 size-4 ${ICON_TONES[tone]}`} />
      <div className="min-w-0 wrap-anywhere">{children}</div>
    </div>
  );
}

/** What an action returns for `FormError`; nothing before the form is sent. */
export type FormResult = { ok: true } | { ok: false; message: string } | undefined;

/** The message above the fields of a rejected form. */
export function FormError({ result }: { result: FormResult }) {
  if (!result || result.ok) return null;
  return (
    <div tabIndex={-1} data-form-error>
      <Notice tone="problem" announce>
        {result.message}
      </Notice>
    </div>
  );
}

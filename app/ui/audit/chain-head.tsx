import { useRef } from 'react';
import { CopyButton } from '~/ui/copy';

/** The chain's head, `sequence:hash`, with a copy button. */
export function ChainHead({ head }: { head: string }) {
  const shown = useRef<HTMLElement>(null);
  return (
    <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-2">
      <p className="min-w-0 text-sm">
        <span className="text-muted">Head </span>
        <code ref={shown} className="font-mono text-xs break-all select-all">
          {head}
        </code>
      </p>
      <CopyButton text={head} label="Copy head" source={shown} variant="quiet" />
    </div>
  );
}

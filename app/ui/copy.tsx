import { Check, Copy } from 'lucide-react';
import { type RefObject, useState } from 'react';
import { Button, type ButtonVariant } from './button';
import { useHydrated } from './use-hydrated';

type Result = 'idle' | 'copied' | 'manual';

/**
 * Copies `text` to the clipboard. Browsers have no clipboard API over plain http; there the text in `source` is selected and
 * copied with the old command. If that fails too, it stays selected and `manual` is returned.
 */
async function copyText(text: string, source: HTMLElement | null): Promise<'copied' | 'manual'> {
  try {
    await navigator.clipboard.writeText(text);
    return 'copied';
  } catch {
    if (source === null) return 'manual';
    getSelection()?.selectAllChildren(source);
    return source.textContent === text && document.execCommand('copy') ? 'copied' : 'manual';
  }
}

interface CopyButtonProps {
  text: string;
  /** For example *Copy key*. */
  label: string;
  /** The element that contains exactly `text`, to be selected if the clipboard isn't available. */
  source?: RefObject<HTMLElement>;
  variant?: ButtonVariant;
  onCopied?: () => void;
}

/**
 * Copies `text` and announces the result. Needs JavaScript: it is invisible until the page is hydrated, so that the layout
 * doesn't shift, and absent without JavaScript.
 */
export function CopyButton({ text, label, source, variant = 'secondary', onCopied }: CopyButtonProps) {
  const [result, setResult] = useState<Result>('idle');
  const hydrated = useHydrated();
  async function copy() {
    const next = await copyText(text, source?.current ?? null);
    setResult(next);
    if (next === 'copied') onCopied?.();
  }
  return (
    <span
      className={`inline-flex flex-wrap items-center gap-2 ${hydrated ? '' : 'invisible noscript:hidden'}`}
    >
      <Button type="button" variant={variant} onClick={copy}>
        {result === 'copied' ? (
          <Check aria-hidden className="size-4" />
        ) : (
          <Copy aria-hidden className="size-4" />
        )}
        {result === 'copied' ? 'Copied' : label}
      </Button>
      <span role="status" className={result === 'manual' ? 'text-sm text-muted' : 'sr-only'}>
        {result === 'copied' ? 'Copied to the clipboard.' : null}
        {result === 'manual'
          ? 'Your browser blocked copying. The text is selected: press Ctrl+C or ⌘C.'
          : null}
      </span>
    </span>
  );
}

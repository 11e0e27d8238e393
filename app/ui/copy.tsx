import { Check, Copy } from 'lucide-react';
import { type RefObject, useState } from 'react';
import { Button, type ButtonVariant } from './button';
import { useHydrated } from './use-hydrated';

type Result = 'idle' | 'copied' | 'by-hand';

/**
 * Puts `text` on the clipboard. Over plain http browsers have no clipboard API: then the old command, and if
 * that fails too the text is selected and the person told how. Says only what really happened.
 */
export async function copyText(text: string, shown: HTMLElement | null): Promise<'copied' | 'by-hand'> {
  try {
    await navigator.clipboard.writeText(text);
    return 'copied';
  } catch {
    if (shown === null) return 'by-hand';
    getSelection()?.selectAllChildren(shown);
    return shown.textContent === text && document.execCommand('copy') ? 'copied' : 'by-hand';
  }
}

interface CopyButtonProps {
  text: string;
  /** The button's words, for example *Copy key*. */
  label: string;
  /** The element that shows exactly `text`; what gets selected when there is no clipboard. */
  shown?: RefObject<HTMLElement>;
  variant?: ButtonVariant;
  onCopied?: () => void;
}

/**
 * Copies `text` and says whether it did. Without JavaScript it could do nothing and is not there; until the page
 * runs, its place is kept so that nothing moves when it appears.
 */
export function CopyButton({ text, label, shown, variant = 'secondary', onCopied }: CopyButtonProps) {
  const [result, setResult] = useState<Result>('idle');
  const hydrated = useHydrated();
  async function copy() {
    const outcome = await copyText(text, shown?.current ?? null);
    setResult(outcome);
    if (outcome === 'copied') onCopied?.();
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
      <span role="status" className={result === 'by-hand' ? 'text-sm text-muted' : 'sr-only'}>
        {result === 'copied' ? 'Copied to the clipboard.' : null}
        {result === 'by-hand'
          ? 'The browser did not allow it. The text is selected: press Ctrl+C or ⌘C.'
          : null}
      </span>
    </span>
  );
}

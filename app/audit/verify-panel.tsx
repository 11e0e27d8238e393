import { Form } from '@remix-run/react';
import { useRef } from 'react';
import { Button } from '~/components/button';
import { CopyButton } from '~/components/copy';
import { TextField } from '~/components/field';
import { useFocusOnError, useSubmitting } from '~/components/form';
import { Notice } from '~/components/notice';
import { Panel } from '~/components/page';
import type { Verdict } from './verify.server';

/** What the form's last submission came to. */
export type VerifyResult =
  | { ok: true; verdict: Verdict; kept: string }
  | { ok: false; message: string; kept: string; problem: string };

interface VerifyPanelProps {
  /** The head as text, `number:hash`. */
  head: string;
  result: VerifyResult | undefined;
}

/** The chain's head, to be kept elsewhere, and the check of the whole chain. */
export function VerifyPanel({ head, result }: VerifyPanelProps) {
  const form = useFocusOnError(result);
  const submitting = useSubmitting('/admin/audit');
  const shown = useRef<HTMLElement>(null);
  return (
    <Panel className="mb-6 grid gap-4 p-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="min-w-0 text-sm">
          <span className="text-muted">Head </span>
          <code ref={shown} className="font-mono text-xs break-all select-all">
            {head}
          </code>
        </p>
        <CopyButton text={head} label="Copy head" shown={shown} />
      </div>
      <Form ref={form} method="post" preventScrollReset className="grid items-start gap-3 sm:flex">
        <div className="min-w-0 flex-1">
          <TextField
            label="Head kept elsewhere (optional)"
            name="head"
            placeholder="number:hash"
            spellCheck={false}
            defaultValue={result?.kept}
            error={result?.ok === false ? result.problem : undefined}
            hint="Against it a trail is noticed that was cut off, or rewritten whole."
            className="font-mono text-xs"
          />
        </div>
        <Button busy={submitting} className="sm:mt-6.5">
          {submitting ? 'Verifying…' : 'Verify the chain'}
        </Button>
      </Form>
      <Outcome result={result} />
    </Panel>
  );
}

function Outcome({ result }: { result: VerifyResult | undefined }) {
  if (result === undefined || !result.ok) return null;
  const { verdict, kept } = result;
  if (!verdict.ok) {
    return (
      <Notice tone="problem" announce>
        <p className="font-medium">The trail is not what was recorded.</p>
        <p>
          {verdict.fault.message}{' '}
          {verdict.head.seq > 0 ? `It is sound up to entry ${verdict.head.seq}.` : null}
        </p>
      </Notice>
    );
  }
  return (
    <Notice tone="good" announce>
      All {verdict.head.seq.toLocaleString('en')} entries are as recorded
      {kept ? ', and the head kept elsewhere is among them' : ''}.
    </Notice>
  );
}

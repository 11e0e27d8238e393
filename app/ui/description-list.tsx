import { Form } from '@remix-run/react';
import type { ReactNode } from 'react';
import { Button } from './button';
import { useSubmitting } from './form';

/** What is known of a row's subject, in its drawer: pairs of `<dt>` and `<dd>`. */
export function DescriptionList({ children }: { children: ReactNode }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 text-sm [&>dt]:text-muted">{children}</dl>
  );
}

/** One thing that can be done about it: its heading, what it means, and the way to do it. */
export function Group({ title, note, children }: { title: string; note: ReactNode; children: ReactNode }) {
  return (
    <section className="grid justify-items-start gap-2 border-t border-line pt-4">
      <h3 className="font-medium">{title}</h3>
      <p className="text-sm text-muted">{note}</p>
      {children}
    </section>
  );
}

interface IntentButtonProps {
  intent: string;
  disabled?: boolean;
  children: ReactNode;
}

/** A form with one button, posted to the drawer's own address with the button's intent. */
export function IntentButton({ intent, disabled, children }: IntentButtonProps) {
  const busy = useSubmitting();
  return (
    <Form method="post" preventScrollReset className="contents">
      <Button name="intent" value={intent} disabled={disabled} busy={busy}>
        {children}
      </Button>
    </Form>
  );
}

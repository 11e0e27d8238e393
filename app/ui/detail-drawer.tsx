import { Form } from '@remix-run/react';
import type { ComponentProps, ReactNode } from 'react';
import { Button } from './button';
import { Drawer } from './dialogs';
import { FlashNotice } from './flash-notice';
import { useFocusOnError, useSubmitting } from './form';
import { FormError } from './notice';

/** Values by label, in the order shown. null, undefined and false leave a label out. */
type Facts = Record<string, ReactNode>;

interface DetailDrawerProps extends ComponentProps<typeof Drawer> {
  facts: Facts;
  /** The result of an action that failed. */
  error?: { ok: false; message: string };
}

/**
 * The drawer of one row: what the last action did, what is known about the row, then `children`. Its route exports
 * `handle = SHOWS_FLASH`.
 */
export function DetailDrawer({ facts, error, children, ...drawer }: DetailDrawerProps) {
  const content = useFocusOnError<HTMLDivElement>(error);
  return (
    <Drawer {...drawer}>
      <FlashNotice />
      <div ref={content} className="grid gap-6">
        <FormError result={error} />
        <FactList facts={facts} />
        {children}
      </div>
    </Drawer>
  );
}

/** Labels and values in two columns. */
export function FactList({ facts }: { facts: Facts }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5 text-sm">
      {Object.entries(facts).map(([label, value]) =>
        value === null || value === undefined || value === false ? null : (
          <div key={label} className="contents">
            <dt className="text-muted first-letter:uppercase">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** A URL, hash or other value in monospace. */
export function Code({ children }: { children: ReactNode }) {
  return <span className="font-mono text-xs leading-5 break-all">{children}</span>;
}

interface ActionGroupProps {
  title: string;
  note: ReactNode;
  children: ReactNode;
}

/** Something an admin can do: heading, consequence and button. */
export function ActionGroup({ title, note, children }: ActionGroupProps) {
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

/** A one-button form that posts `intent` to the current route. */
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

interface IntentSwitchProps {
  intent: string;
  checked: boolean;
  children: ReactNode;
}

/** A switch that posts `intent` to the current route when it is clicked. */
export function IntentSwitch({ intent, checked, children }: IntentSwitchProps) {
  const busy = useSubmitting();
  return (
    <Form method="post" preventScrollReset className="contents">
      <button
        type="submit"
        role="switch"
        aria-checked={checked}
        name="intent"
        value={intent}
        aria-busy={busy || undefined}
        onClickCapture={busy ? (event) => event.preventDefault() : undefined}
        className="group flex min-h-9 items-center gap-2.5 text-left text-sm font-medium"
      >
        <span
          aria-hidden
          className="h-5 w-9 shrink-0 rounded-full border border-control bg-sunken p-0.5 group-aria-checked:border-transparent group-aria-checked:bg-accent-fill"
        >
          <span className="block size-3.5 rounded-full bg-muted transition-transform group-aria-checked:translate-x-4 group-aria-checked:bg-on-accent" />
        </span>
        {children}
      </button>
    </Form>
  );
}

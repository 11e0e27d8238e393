import { Form, Link, type LinkProps } from '@remix-run/react';
import { type ButtonHTMLAttributes, forwardRef, type ReactNode } from 'react';

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger';

const SHAPE =
  'inline-flex items-center justify-center gap-1.5 rounded-md text-sm font-medium whitespace-nowrap select-none min-h-9 transition-colors disabled:opacity-60 disabled:cursor-not-allowed';

const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'bg-accent-fill text-on-accent hover:bg-accent-fill-hover',
  secondary: 'bg-surface text-ink border border-line shadow-raised hover:bg-sunken',
  quiet: 'text-muted hover:bg-sunken hover:text-ink',
  danger: 'bg-danger-fill text-on-accent hover:bg-danger-fill-hover',
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: ButtonVariant;
  /** For an icon alone: as wide as it is high. */
  square?: boolean;
  /** The form is on its way: the button says so and a second click does nothing. */
  busy?: boolean;
  children: ReactNode;
}

/** A button, of the form around it unless `type` says otherwise. */
export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { variant = 'secondary', square = false, busy = false, className = '', type = 'submit', ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type={type}
      // Not `disabled`, which would drop the focus; the click is swallowed instead.
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClickCapture={busy ? (event) => event.preventDefault() : undefined}
      className={`${SHAPE} ${square ? 'w-9' : 'px-3'} ${VARIANTS[variant]} ${className}`}
      {...rest}
    />
  );
});

interface LinkButtonProps extends LinkProps {
  variant?: ButtonVariant;
}

/** A link that looks like a button, for what leads to another page. */
export function LinkButton({ variant = 'secondary', className = '', ...rest }: LinkButtonProps) {
  return <Link className={`${SHAPE} px-3 ${VARIANTS[variant]} ${className}`} {...rest} />;
}

interface DialogLinkButtonProps extends Omit<ButtonProps, 'type' | 'onSubmit'> {
  to: string;
  /** Parameters of the address. */
  fields?: [name: string, value: string][];
  onGo?: () => void;
}

/**
 * A button that opens a drawer or dialog, which stands at an address of its own: a GET form, so that it is a
 * button to everybody and works without JavaScript.
 */
export function DialogLinkButton({ to, fields = [], onGo, ...rest }: DialogLinkButtonProps) {
  return (
    <Form method="get" action={to} preventScrollReset onSubmit={onGo} className="contents">
      {fields.map(([name, value]) => (
        <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
      ))}
      <Button {...rest} />
    </Form>
  );
}

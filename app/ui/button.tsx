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
  /** For a single icon: as wide as high. */
  square?: boolean;
  /** The form is being sent: the button looks busy and ignores clicks. */
  busy?: boolean;
  children: ReactNode;
}

/** A button. Submits the form around it unless `type` is given. */
export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { variant = 'secondary', square = false, busy = false, className = '', type = 'submit', ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type={type}
      // Not `disabled`: a disabled button loses the focus.
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

/** A link to another page that looks like a button. */
export function LinkButton({ variant = 'secondary', className = '', ...rest }: LinkButtonProps) {
  return <Link className={`${SHAPE} px-3 ${VARIANTS[variant]} ${className}`} {...rest} />;
}

interface DialogLinkButtonProps extends Omit<ButtonProps, 'type' | 'onSubmit'> {
  to: string;
  /** Query parameters. */
  fields?: [name: string, value: string][];
  onNavigate?: () => void;
}

/** A button that opens a drawer or dialog, which has its own URL. A GET form, so that it works without JavaScript. */
export function DialogLinkButton({ to, fields = [], onNavigate, ...rest }: DialogLinkButtonProps) {
  return (
    <Form method="get" action={to} preventScrollReset onSubmit={onNavigate} className="contents">
      {fields.map(([name, value]) => (
        <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
      ))}
      <Button {...rest} />
    </Form>
  );
}

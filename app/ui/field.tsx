import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';

interface FieldFrame {
  label: ReactNode;
  name: string;
  hint?: ReactNode;
  error?: string;
}

const CONTROL =
  'w-full rounded-md border border-control bg-surface px-3 py-1.5 text-base text-ink min-h-9 scroll-mt-10 aria-invalid:border-danger';

/** Keeps browsers and password managers from filling fields that aren't for signing in. */
const NO_AUTOFILL = { autoComplete: 'off', 'data-1p-ignore': true, 'data-lpignore': 'true' } as const;

/** The attributes that connect a control with its label, hint and error. */
function useFrame({ hint, error }: Pick<FieldFrame, 'hint' | 'error'>) {
  const id = useId();
  const described = [error ? `${id}-error` : '', hint ? `${id}-hint` : ''].filter(Boolean).join(' ');
  return {
    id,
    control: {
      id,
      'aria-invalid': error ? (true as const) : undefined,
      'aria-describedby': described || undefined,
    },
  };
}

function Frame({
  id,
  label,
  hint,
  error,
  children,
}: Omit<FieldFrame, 'name'> & { id: string; children: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      {hint ? (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      ) : null}
      <FieldError id={`${id}-error`} message={error} />
    </div>
  );
}

/** The error below a field, if any. */
function FieldError({ id, message }: { id: string; message: string | undefined }) {
  if (!message) return null;
  return (
    <p id={id} className="text-sm font-medium text-danger">
      {message}
    </p>
  );
}

type TextFieldProps = FieldFrame & Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'name'>;

/** A labelled one-line input. Password managers ignore it unless `autoComplete` is given. */
export function TextField({ label, hint, error, autoComplete, className = '', ...rest }: TextFieldProps) {
  const { id, control } = useFrame({ hint, error });
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input
        {...(autoComplete === undefined ? NO_AUTOFILL : { autoComplete })}
        className={`${CONTROL} ${className}`}
        {...control}
        {...rest}
      />
    </Frame>
  );
}

type TextAreaFieldProps = FieldFrame & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'id' | 'name'>;

export function TextAreaField({ label, hint, error, className = '', ...rest }: TextAreaFieldProps) {
  const { id, control } = useFrame({ hint, error });
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <textarea rows={3} {...NO_AUTOFILL} className={`${CONTROL} ${className}`} {...control} {...rest} />
    </Frame>
  );
}

type SelectFieldProps = FieldFrame & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id' | 'name'>;

/** A labelled select; `children` are its options. */
export function SelectField({ label, hint, error, className = '', ...rest }: SelectFieldProps) {
  const { id, control } = useFrame({ hint, error });
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <select {...NO_AUTOFILL} className={`${CONTROL} ${className}`} {...control} {...rest} />
    </Frame>
  );
}

interface CheckFieldProps
  extends FieldFrame,
    Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'name' | 'type'> {}

/** A checkbox with its label beside it. */
export function CheckField({ label, hint, error, className = '', ...rest }: CheckFieldProps) {
  const { id, control } = useFrame({ hint, error });
  return (
    <div className="grid grid-cols-[auto_1fr] items-start gap-x-2.5 gap-y-1">
      <input type="checkbox" className={`mt-1 size-4 ${className}`} {...control} {...rest} />
      <label htmlFor={id} className="text-base">
        {label}
      </label>
      {hint ? (
        <p id={`${id}-hint`} className="col-start-2 text-sm text-muted">
          {hint}
        </p>
      ) : null}
      <div className="col-start-2">
        <FieldError id={`${id}-error`} message={error} />
      </div>
    </div>
  );
}

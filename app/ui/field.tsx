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

/** Fields that are not sign-in ask browsers and password managers to keep out. */
const KEEP_OUT = { autoComplete: 'off', 'data-1p-ignore': true, 'data-lpignore': 'true' } as const;

/** What ties a control to its label, hint and error. */
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

/** What is wrong with a field, under it; nothing when nothing is. */
export function FieldError({ id, message }: { id: string; message: string | undefined }) {
  if (!message) return null;
  return (
    <p id={id} className="text-sm font-medium text-danger">
      {message}
    </p>
  );
}

type TextFieldProps = FieldFrame & Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'name'>;

/** A labelled one-line input. `autoComplete` given means a sign-in field; otherwise managers are kept out. */
export function TextField({ label, hint, error, autoComplete, className = '', ...rest }: TextFieldProps) {
  const { id, control } = useFrame({ hint, error });
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input
        {...(autoComplete === undefined ? KEEP_OUT : { autoComplete })}
        className={`${CONTROL} ${className}`}
        {...control}
        {...rest}
      />
    </Frame>
  );
}

type TextAreaFieldProps = FieldFrame & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'id' | 'name'>;

/** A labelled input of several lines. */
export function TextAreaField({ label, hint, error, className = '', ...rest }: TextAreaFieldProps) {
  const { id, control } = useFrame({ hint, error });
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <textarea rows={3} {...KEEP_OUT} className={`${CONTROL} ${className}`} {...control} {...rest} />
    </Frame>
  );
}

type SelectFieldProps = FieldFrame & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id' | 'name'>;

/** A labelled choice of one; `children` are its options. */
export function SelectField({ label, hint, error, className = '', ...rest }: SelectFieldProps) {
  const { id, control } = useFrame({ hint, error });
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <select {...KEEP_OUT} className={`${CONTROL} ${className}`} {...control} {...rest} />
    </Frame>
  );
}

interface CheckFieldProps
  extends FieldFrame,
    Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'name' | 'type'> {}

/** A labelled box to tick, the label beside it. */
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

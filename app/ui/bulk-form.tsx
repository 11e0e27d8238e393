import { Form, type FormProps, useSearchParams } from '@remix-run/react';
import type { ReactNode } from 'react';
import type { ListState } from './list-state';

interface BulkFormProps extends FormProps {
  id: string;
  list: ListState;
  label: string;
  /** The buttons. */
  children: ReactNode;
}

/** The form below a list for its selected rows, whose checkboxes have `form={id}`. */
export function BulkForm({ list, label, children, ...rest }: BulkFormProps) {
  const [params] = useSearchParams();
  return (
    <Form
      preventScrollReset
      className="bottom-0 flex flex-wrap items-center gap-2 bg-canvas py-3 sm:sticky"
      {...rest}
    >
      {list.fields(params).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <span className="text-sm text-muted">{label}</span>
      {children}
    </Form>
  );
}

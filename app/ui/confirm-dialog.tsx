import * as AlertDialog from '@radix-ui/react-alert-dialog';
import { Form, Link } from '@remix-run/react';
import { useRef } from 'react';
import { Button, type ButtonVariant } from './button';
import { type DialogProps, OVERLAY, useClose, useDialogLabels, useReturnFocus } from './dialogs';
import { useFocusOnError, useSubmitting } from './form';
import { FormError, type FormResult } from './notice';

interface ConfirmDialogProps extends Omit<DialogProps, 'children'> {
  /** The button that posts to the dialog's URL. Without it there is nothing to confirm, only to close. */
  confirmLabel?: string;
  variant?: ButtonVariant;
  /** What the action returned. */
  result: FormResult;
  /** Fields of the form. */
  children?: DialogProps['children'];
}

/** Asks before an action. The focus starts on *Cancel*; Escape cancels, a click outside doesn't. */
export function ConfirmDialog({ title, description, backTo, result, children, ...rest }: ConfirmDialogProps) {
  const { confirmLabel, variant = 'danger' } = rest;
  const close = useClose(backTo);
  const labels = useDialogLabels(description);
  const returnFocus = useReturnFocus();
  const cancel = useRef<HTMLAnchorElement>(null);
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  return (
    <AlertDialog.Root open onOpenChange={(open) => open || close()}>
      <div className={OVERLAY} />
      <AlertDialog.Content
        aria-modal
        data-enter="rise"
        {...labels.content}
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          cancel.current?.focus();
        }}
        onCloseAutoFocus={returnFocus}
        className="fixed inset-x-4 top-[12vh] z-50 mx-auto max-h-[80vh] max-w-[30rem] overflow-y-auto rounded-lg bg-surface p-5 shadow-float sm:p-6"
      >
        <AlertDialog.Title {...labels.title} className="text-lg font-semibold wrap-anywhere">
          {title}
        </AlertDialog.Title>
        <div {...labels.description} className="mt-2 grid gap-2 wrap-anywhere text-muted">
          {description}
        </div>
        <div className="mt-5 flex flex-row-reverse flex-wrap items-end justify-start gap-x-2 gap-y-4">
          <Form ref={form} method="post" preventScrollReset noValidate className="contents">
            <div className="order-first grid w-full gap-3 empty:hidden">
              <FormError result={result} />
              {children}
            </div>
            {confirmLabel === undefined ? null : (
              <Button variant={variant} busy={busy}>
                {confirmLabel}
              </Button>
            )}
          </Form>
          <Link
            ref={cancel}
            to={backTo}
            preventScrollReset
            className="inline-flex min-h-9 items-center rounded-md border border-line bg-surface px-3 text-sm font-medium shadow-raised hover:bg-sunken"
          >
            {confirmLabel === undefined ? 'Close' : 'Cancel'}
          </Link>
        </div>
      </AlertDialog.Content>
    </AlertDialog.Root>
  );
}

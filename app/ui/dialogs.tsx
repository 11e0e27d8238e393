import * as Dialog from '@radix-ui/react-dialog';
import { Link, useNavigate } from '@remix-run/react';
import { X } from 'lucide-react';
import { type ReactNode, useId, useRef, useState } from 'react';

/*
 * Drawers and modals; alert dialogs are in confirm-dialog.tsx. Each has its own URL. The server renders it in place, not
 * in a portal, so that it works without JavaScript; Radix adds the focus trap, Escape, and hides the page behind from
 * screen readers. Closing one navigates to `backTo`.
 */

export const OVERLAY = 'fixed inset-0 z-40 touch-none bg-veil';

export function useClose(backTo: string) {
  const navigate = useNavigate();
  return () => navigate(backTo, { preventScrollReset: true });
}

/**
 * Returns the focus on closing: to the element that had it before, or to the page's heading if that is gone or the URL was
 * opened directly. Radix does this for its own triggers only; these dialogs open by navigation.
 */
export function useReturnFocus(): () => void {
  const [opener] = useState(() => (typeof document === 'undefined' ? null : document.activeElement));
  return () =>
    requestAnimationFrame(() => {
      if (document.activeElement !== document.body && document.activeElement !== null) return;
      const before = opener !== document.body && opener instanceof HTMLElement && opener.isConnected;
      (before ? opener : document.querySelector<HTMLElement>('[data-page-heading]'))?.focus();
    });
}

/** Names and describes a dialog on the server too. Radix sets these attributes only in the browser. */
export function useDialogLabels(description: ReactNode) {
  const id = useId();
  return {
    content: {
      'aria-labelledby': `${id}-title`,
      'aria-describedby': description ? `${id}-description` : undefined,
    },
    title: { id: `${id}-title` },
    description: { id: `${id}-description` },
  };
}

export interface DialogProps {
  title: string;
  /** One sentence below the title. Screen readers read it on opening. */
  description?: ReactNode;
  backTo: string;
  children: ReactNode;
}

/** A panel on the right, for a form or a row's details. A click outside closes it unless text was typed. */
export function Drawer({ title, description, backTo, children }: DialogProps) {
  const close = useClose(backTo);
  const labels = useDialogLabels(description);
  const returnFocus = useReturnFocus();
  const content = useRef<HTMLDivElement>(null);
  const typed = () =>
    [
      ...(content.current?.querySelectorAll<HTMLInputElement>(
        'input:not([type]), input[type=text], textarea',
      ) ?? []),
    ].some((field) => field.value !== field.defaultValue);
  return (
    <Dialog.Root open onOpenChange={(open) => open || close()}>
      <div className={OVERLAY} />
      <Dialog.Content
        ref={content}
        data-enter="slide"
        {...labels.content}
        onPointerDownOutside={(event) => typed() && event.preventDefault()}
        onCloseAutoFocus={returnFocus}
        className="fixed inset-y-0 right-0 z-50 flex w-full max-w-[30rem] flex-col bg-surface shadow-float"
      >
        <div className="flex items-start justify-between gap-4 border-b border-line px-5 py-4">
          <div className="min-w-0">
            <Dialog.Title {...labels.title} className="text-lg font-semibold wrap-anywhere">
              {title}
            </Dialog.Title>
            {description ? (
              <div {...labels.description} className="text-sm wrap-anywhere text-muted">
                {description}
              </div>
            ) : null}
          </div>
          <Link
            to={backTo}
            preventScrollReset
            aria-label="Close"
            className="-mr-2 grid size-9 shrink-0 place-items-center rounded-md text-muted hover:bg-sunken hover:text-ink"
          >
            <X aria-hidden className="size-5" />
          </Link>
        </div>
        <div className="flex-1 overflow-y-auto overscroll-contain px-5 py-5">{children}</div>
      </Dialog.Content>
    </Dialog.Root>
  );
}

/** A modal for a secret that is shown once: neither Escape nor a click outside closes it. `children` contain the button that does. */
export function OneTimeModal({ title, description, children }: Omit<DialogProps, 'backTo'>) {
  const labels = useDialogLabels(description);
  const returnFocus = useReturnFocus();
  return (
    <Dialog.Root open>
      <div className={OVERLAY} />
      <Dialog.Content
        data-enter="rise"
        {...labels.content}
        onEscapeKeyDown={(event) => event.preventDefault()}
        onPointerDownOutside={(event) => event.preventDefault()}
        onInteractOutside={(event) => event.preventDefault()}
        onCloseAutoFocus={returnFocus}
        className="fixed inset-x-0 top-0 z-50 mx-auto flex max-h-dvh w-full max-w-[44rem] flex-col overflow-y-auto bg-surface p-5 shadow-float sm:top-[6vh] sm:max-h-[88vh] sm:rounded-lg sm:p-6"
      >
        <Dialog.Title {...labels.title} className="text-lg font-semibold wrap-anywhere">
          {title}
        </Dialog.Title>
        {description ? (
          <div {...labels.description} className="mt-1 text-sm wrap-anywhere text-muted">
            {description}
          </div>
        ) : null}
        <div className="mt-4">{children}</div>
      </Dialog.Content>
    </Dialog.Root>
  );
}

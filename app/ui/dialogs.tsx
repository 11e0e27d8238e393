import * as AlertDialog from '@radix-ui/react-alert-dialog';
import * as Dialog from '@radix-ui/react-dialog';
import { Link, useNavigate } from '@remix-run/react';
import { X } from 'lucide-react';
import { type ReactNode, useId, useRef, useState } from 'react';

/*
 * Drawers, modals and alert dialogs. Each stands at a URL of its own and is rendered by the server where it
 * stands in the page (no portal), so that it is there without JavaScript; Radix then adds the focus trap, the
 * hiding of what lies behind, and Escape. Leaving one is a navigation to `backTo`.
 */

const OVERLAY = 'fixed inset-0 z-40 touch-none bg-veil';

function useLeave(backTo: string) {
  const navigate = useNavigate();
  return () => navigate(backTo, { preventScrollReset: true });
}

/**
 * Gives the focus back on closing: to what had it before, or to the page's heading when that is gone or the
 * address was opened directly. Radix itself knows only triggers of its own, and these open by navigation.
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

/**
 * The ids by which a dialog is named and described. Radix would tie them only once it runs in the browser,
 * and the dialog would have no name without JavaScript.
 */
function useWords(description: ReactNode) {
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

interface OverlayProps {
  title: string;
  /** One sentence under the title, also what screen readers say on opening. */
  description?: ReactNode;
  backTo: string;
  children: ReactNode;
}

/** A panel from the right, for a form or a row's particulars. A click outside leaves it unless text was typed. */
export function Drawer({ title, description, backTo, children }: OverlayProps) {
  const leave = useLeave(backTo);
  const words = useWords(description);
  const returnFocus = useReturnFocus();
  const content = useRef<HTMLDivElement>(null);
  const typed = () =>
    [
      ...(content.current?.querySelectorAll<HTMLInputElement>(
        'input:not([type]), input[type=text], textarea',
      ) ?? []),
    ].some((field) => field.value !== field.defaultValue);
  return (
    <Dialog.Root open onOpenChange={(open) => open || leave()}>
      <div className={OVERLAY} />
      <Dialog.Content
        ref={content}
        data-enter="slide"
        {...words.content}
        onPointerDownOutside={(event) => typed() && event.preventDefault()}
        onCloseAutoFocus={returnFocus}
        className="fixed inset-y-0 right-0 z-50 flex w-full max-w-[30rem] flex-col bg-surface shadow-float"
      >
        <div className="flex items-start justify-between gap-4 border-b border-line px-5 py-4">
          <div className="min-w-0">
            <Dialog.Title {...words.title} className="text-lg font-semibold wrap-anywhere">
              {title}
            </Dialog.Title>
            {description ? (
              <div {...words.description} className="text-sm wrap-anywhere text-muted">
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

/**
 * A modal that holds something which is shown once: neither a click outside nor Escape closes it. It has no
 * close button of its own; `children` bring the way out.
 */
export function OneTimeModal({ title, description, children }: Omit<OverlayProps, 'backTo'>) {
  const words = useWords(description);
  const returnFocus = useReturnFocus();
  return (
    <Dialog.Root open>
      <div className={OVERLAY} />
      <Dialog.Content
        data-enter="rise"
        {...words.content}
        onEscapeKeyDown={(event) => event.preventDefault()}
        onPointerDownOutside={(event) => event.preventDefault()}
        onInteractOutside={(event) => event.preventDefault()}
        onCloseAutoFocus={returnFocus}
        className="fixed inset-x-0 top-0 z-50 mx-auto flex max-h-dvh w-full max-w-[44rem] flex-col overflow-y-auto bg-surface p-5 shadow-float sm:top-[6vh] sm:max-h-[88vh] sm:rounded-lg sm:p-6"
      >
        <Dialog.Title {...words.title} className="text-lg font-semibold wrap-anywhere">
          {title}
        </Dialog.Title>
        {description ? (
          <div {...words.description} className="mt-1 text-sm wrap-anywhere text-muted">
            {description}
          </div>
        ) : null}
        <div className="mt-4">{children}</div>
      </Dialog.Content>
    </Dialog.Root>
  );
}

/** Asks once before something is ended. Focus starts on *Cancel*; Escape cancels, a click outside does not. */
export function ConfirmDialog({ title, description, backTo, children }: OverlayProps) {
  const leave = useLeave(backTo);
  const words = useWords(description);
  const returnFocus = useReturnFocus();
  const cancel = useRef<HTMLAnchorElement>(null);
  return (
    <AlertDialog.Root open onOpenChange={(open) => open || leave()}>
      <div className={OVERLAY} />
      <AlertDialog.Content
        aria-modal
        data-enter="rise"
        {...words.content}
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          cancel.current?.focus();
        }}
        onCloseAutoFocus={returnFocus}
        className="fixed inset-x-4 top-[12vh] z-50 mx-auto max-h-[80vh] max-w-[30rem] overflow-y-auto rounded-lg bg-surface p-5 shadow-float sm:p-6"
      >
        <AlertDialog.Title {...words.title} className="text-lg font-semibold wrap-anywhere">
          {title}
        </AlertDialog.Title>
        <div {...words.description} className="mt-2 grid gap-2 wrap-anywhere text-muted">
          {description}
        </div>
        <div className="mt-5 flex flex-row-reverse flex-wrap items-end justify-start gap-x-2 gap-y-4">
          {children}
          <Link
            ref={cancel}
            to={backTo}
            preventScrollReset
            className="inline-flex min-h-9 items-center rounded-md border border-line bg-surface px-3 text-sm font-medium shadow-raised hover:bg-sunken"
          >
            Cancel
          </Link>
        </div>
      </AlertDialog.Content>
    </AlertDialog.Root>
  );
}

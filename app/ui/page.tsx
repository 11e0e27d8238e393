import type { ReactNode } from 'react';

/** A page's heading, the sentence below it, and the page's actions. */
export function PageHeader({
  title,
  children,
  actions,
}: {
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="grid max-w-[44rem] min-w-0 gap-1 wrap-anywhere">
        <h1 className="text-2xl font-semibold tracking-tight text-balance" tabIndex={-1} data-page-heading>
          {title}
        </h1>
        {children ? <div className="text-muted">{children}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
    </header>
  );
}

/** A heading and the panel below it. */
export function Section({
  title,
  id,
  note,
  aside,
  children,
}: {
  title: string;
  id: string;
  note?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section aria-labelledby={id} className="mt-8 first:mt-0">
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-2">
        <h2 id={id} tabIndex={-1} className="text-lg font-semibold">
          {title}
        </h2>
        {aside}
      </div>
      {note ? <div className="mb-3 max-w-[44rem] text-sm text-muted">{note}</div> : null}
      {children}
    </section>
  );
}

/** The card around a list or form. */
export function Panel({ children, className = '' }: { children: ReactNode; className?: string }) {
  return (
    <div className={`rounded-lg border border-line bg-surface shadow-raised ${className}`}>{children}</div>
  );
}

/** Instead of an empty list: what it is for, and the first action. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="grid justify-items-center gap-2 px-6 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children ? <div className="max-w-[32rem] text-sm text-muted">{children}</div> : null}
      {action ? <div className="mt-2">{action}</div> : null}
    </div>
  );
}

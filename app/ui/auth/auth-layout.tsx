import { KeyRound } from 'lucide-react';
import type { ReactNode } from 'react';

/** The layout of pages for people who aren't signed in: sign-in, setup, invitation, password reset. */
export function AuthLayout({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}) {
  return (
    <main className="mx-auto grid min-h-dvh max-w-[25rem] content-start gap-6 px-4 py-10 sm:py-[12vh]">
      <p className="flex items-center gap-2 font-semibold">
        <span aria-hidden className="grid size-7 place-items-center rounded-md bg-accent-fill text-on-accent">
          <KeyRound className="size-4" />
        </span>
        My AI Keys
      </p>
      <div className="rounded-lg border border-line bg-surface p-5 shadow-raised sm:p-6">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {lead ? <div className="mt-1 text-sm text-muted">{lead}</div> : null}
        <div className="mt-5">{children}</div>
      </div>
    </main>
  );
}

import { ChevronLeft, ChevronRight, ChevronsLeft } from 'lucide-react';
import { LinkButton } from './button';

interface PagerProps {
  /** The accessible name, for example *Pages of the audit trail*. */
  label: string;
  /** Addresses of the pages beside this one; null where there is none. */
  newer: string | null;
  older: string | null;
  newest: string;
}

/** Newer and older pages of a list that goes by time, as plain links. */
export function Pager({ label, newer, older, newest }: PagerProps) {
  if (newer === null && older === null) return null;
  return (
    <nav aria-label={label} className="mt-3 flex flex-wrap items-center gap-2">
      {newer === null ? null : (
        <>
          <LinkButton to={newest} look="quiet">
            <ChevronsLeft aria-hidden className="size-4" /> Newest
          </LinkButton>
          <LinkButton to={newer} rel="prev">
            <ChevronLeft aria-hidden className="size-4" /> Newer
          </LinkButton>
        </>
      )}
      {older === null ? null : (
        <LinkButton to={older} rel="next" className="ml-auto">
          Older <ChevronRight aria-hidden className="size-4" />
        </LinkButton>
      )}
    </nav>
  );
}

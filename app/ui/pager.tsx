import { ChevronLeft, ChevronRight, ChevronsLeft } from 'lucide-react';
import { LinkButton } from './button';

interface PagerProps {
  /** The accessible name, for example *Pages of the audit trail*. */
  label: string;
  /** URLs of the neighbouring pages, from `ListState.pageHrefs`; null where there is none. */
  newer: string | null;
  older: string | null;
  newest: string;
  /** Labels for the first, previous and next page, where the newest rows don't come first. */
  labels?: readonly [first: string, before: string, after: string];
}

const NEWEST_FIRST = ['Newest', 'Newer', 'Older'] as const;

/** Links to the newer and older pages of a list. */
export function Pager({ label, newer, older, newest, labels = NEWEST_FIRST }: PagerProps) {
  if (newer === null && older === null) return null;
  return (
    <nav aria-label={label} className="mt-3 flex flex-wrap items-center gap-2">
      {newer === null ? null : (
        <>
          <LinkButton to={newest} variant="quiet">
            <ChevronsLeft aria-hidden className="size-4" /> {labels[0]}
          </LinkButton>
          <LinkButton to={newer} rel="prev">
            <ChevronLeft aria-hidden className="size-4" /> {labels[1]}
          </LinkButton>
        </>
      )}
      {older === null ? null : (
        <LinkButton to={older} rel="next" className="ml-auto">
          {labels[2]} <ChevronRight aria-hidden className="size-4" />
        </LinkButton>
      )}
    </nav>
  );
}

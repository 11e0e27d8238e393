import type { ReactNode } from 'react';
import { LinkButton } from './button';
import type { ListState } from './list-state';
import { EmptyState } from './page';

interface NoMatchProps {
  list: ListState;
  title: string;
  /** What the search covers. */
  children?: ReactNode;
}

/** Instead of a list that its filters left empty. */
export function NoMatch({ list, title, children }: NoMatchProps) {
  return (
    <EmptyState title={title} action={<LinkButton to={list.path}>Clear filters</LinkButton>}>
      {children}
    </EmptyState>
  );
}

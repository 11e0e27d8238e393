import type { ReactNode, TableHTMLAttributes } from 'react';

interface StackingTableProps extends TableHTMLAttributes<HTMLTableElement> {
  /** Column headings; an empty one is a column of actions. */
  headings: string[];
  /** The rows. */
  children: ReactNode;
}

/** A table whose rows stack on narrow screens; the roles keep it a table for screen readers. */
export function StackingTable({ headings, children, ...rest }: StackingTableProps) {
  return (
    <table role="table" className="block w-full text-sm md:table" {...rest}>
      <thead role="rowgroup" className="hidden md:table-header-group">
        <tr role="row" className="border-b border-line text-left text-xs text-muted">
          {headings.map((heading) => (
            <th
              key={heading}
              role="columnheader"
              scope="col"
              className="px-4 py-2 font-medium whitespace-nowrap first:w-1/2"
            >
              {heading || <span className="sr-only">Actions</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" className="block md:table-row-group">
        {children}
      </tbody>
    </table>
  );
}

/** A cell with one value. Where rows are stacked, the column's heading precedes it. */
export function LabelledCell({
  label,
  className,
  children,
}: {
  label: string;
  className: string;
  children: ReactNode;
}) {
  return (
    <td role="cell" className={`text-muted md:table-cell md:py-3 md:align-top ${className}`}>
      <span className="md:hidden">{label}: </span>
      {children}
    </td>
  );
}

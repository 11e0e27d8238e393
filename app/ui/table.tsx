import type { ReactNode, TableHTMLAttributes } from 'react';

interface StackingTableProps extends TableHTMLAttributes<HTMLTableElement> {
  /** Column headings with the classes of their widths. A column without a visible heading has a hidden one. */
  columns: [heading: string, width?: string, isHidden?: 'hidden'][];
  /** The screen width from which rows don't stack. */
  from?: keyof typeof BREAKPOINTS;
  /** The rows. */
  children: ReactNode;
}

const BREAKPOINTS = {
  md: { table: 'md:table', head: 'md:table-header-group', body: 'md:table-row-group' },
  xl: { table: 'xl:table', head: 'xl:table-header-group', body: 'xl:table-row-group' },
};

/** A table whose rows stack on narrow screens; the roles keep it a table for screen readers. */
export function StackingTable({
  columns,
  from = 'md',
  className = '',
  children,
  ...rest
}: StackingTableProps) {
  const { table, head, body } = BREAKPOINTS[from];
  return (
    <table role="table" className={`block w-full text-sm ${table} ${className}`} data-list {...rest}>
      <thead role="rowgroup" className={`hidden ${head}`}>
        <tr role="row" className="border-b border-line text-left text-xs text-muted">
          {columns.map(([heading, width = '', isHidden]) => (
            <th
              key={heading}
              role="columnheader"
              scope="col"
              className={`px-4 py-2 font-medium whitespace-nowrap ${width}`}
            >
              {isHidden ? <span className="sr-only">{heading}</span> : heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" className={`block ${body}`}>
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

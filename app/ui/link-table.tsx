import { Link } from '@remix-run/react';
import type { ReactNode } from 'react';
import { LabelledCell, StackingTable } from './table';

interface LinkRow {
  id: string;
  /** Where the row leads: its drawer. */
  to: string;
  title: string;
  badges?: ReactNode;
  subtitle: ReactNode;
  avatar?: ReactNode;
  /** Archived or disabled. */
  inactive: boolean;
}

interface LinkTableProps<Row> {
  label: string;
  /** The heading of the first column. */
  heading: string;
  rows: Row[];
  linkRow(row: Row): LinkRow;
  /** The other columns. */
  columns: [heading: string, cell: (row: Row) => ReactNode][];
}

/** A table of rows that open a drawer: the link in the first column covers the whole row. */
export function LinkTable<Row>({ label, heading, rows, linkRow, columns }: LinkTableProps<Row>) {
  return (
    <StackingTable
      aria-label={label}
      columns={[[heading, 'w-1/2'], ...columns.map(([name]): [string] => [name])]}
    >
      {rows.map((row) => {
        const { id, to, title, badges, subtitle, avatar, inactive } = linkRow(row);
        return (
          <tr
            key={id}
            role="row"
            data-row
            className="relative block border-b border-line py-3 last:border-b-0 hover:bg-sunken md:table-row md:py-0"
          >
            <td role="cell" className="block px-4 md:table-cell md:py-3 md:align-top">
              <div className="flex items-start gap-3">
                {avatar}
                <div className="min-w-0">
                  <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
                    <Link
                      to={to}
                      preventScrollReset
                      className={`min-w-0 font-medium wrap-anywhere after:absolute after:inset-0 ${inactive ? 'text-muted' : ''}`}
                    >
                      {title}
                    </Link>
                    {badges}
                  </p>
                  <p className="wrap-anywhere text-muted">{subtitle}</p>
                </div>
              </div>
            </td>
            {columns.map(([column, cell]) => (
              <LabelledCell
                key={column}
                label={column}
                className="mr-4 inline-block px-4 pt-1 md:mr-0 md:whitespace-nowrap"
              >
                {cell(row)}
              </LabelledCell>
            ))}
          </tr>
        );
      })}
    </StackingTable>
  );
}

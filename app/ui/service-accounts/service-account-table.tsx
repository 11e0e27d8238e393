import { Link, useSearchParams } from '@remix-run/react';
import type { ServiceAccountView } from '~/service-accounts/service-accounts.schema';
import { Badge } from '~/ui/badge';
import { SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';
import { LabelledCell, StackingTable } from '~/ui/table';
import { Time } from '~/ui/time';

interface ServiceAccountTableProps {
  accounts: ServiceAccountView[];
  now: number;
}

export function ServiceAccountTable({ accounts, now }: ServiceAccountTableProps) {
  return (
    <StackingTable
      aria-label="Service accounts"
      headings={['Service account', 'Active keys', 'Last used', 'Created', 'State']}
      data-list
    >
      {accounts.map((account) => (
        <ServiceAccountRow key={account.id} account={account} now={now} />
      ))}
    </StackingTable>
  );
}

const CELL = 'mr-4 inline-block px-4 pt-1 md:mr-0 md:whitespace-nowrap';

function ServiceAccountRow({ account, now }: { account: ServiceAccountView; now: number }) {
  const [params] = useSearchParams();
  const { id, name, purpose, activeKeys, lastUsedAt, createdAt, disabledAt } = account;
  return (
    <tr
      role="row"
      data-account={id}
      data-row
      className="relative block border-b border-line py-3 last:border-b-0 hover:bg-sunken md:table-row md:py-0"
    >
      <td role="cell" className="block px-4 md:table-cell md:py-3 md:align-top">
        {/* The link covers the whole row. */}
        <Link
          to={SERVICE_ACCOUNTS.childHref(id, params)}
          preventScrollReset
          className={`font-medium wrap-anywhere after:absolute after:inset-0 ${disabledAt === null ? '' : 'text-muted'}`}
        >
          {name}
        </Link>
        <p className="wrap-anywhere text-muted">{purpose}</p>
      </td>
      <LabelledCell label="Active keys" className={CELL}>
        {activeKeys.toLocaleString('en')}
      </LabelledCell>
      <LabelledCell label="Last used" className={CELL}>
        {lastUsedAt === null ? 'Never' : <Time at={lastUsedAt} now={now} />}
      </LabelledCell>
      <LabelledCell label="Created" className={CELL}>
        <Time at={createdAt} now={now} />
      </LabelledCell>
      <LabelledCell label="State" className={CELL}>
        <StateBadge disabledAt={disabledAt} />
      </LabelledCell>
    </tr>
  );
}

/** Whether keys can be issued for an account. */
export function StateBadge({ disabledAt }: Pick<ServiceAccountView, 'disabledAt'>) {
  return disabledAt === null ? <Badge tone="good">enabled</Badge> : <Badge>disabled</Badge>;
}

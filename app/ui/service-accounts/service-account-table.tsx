import { useSearchParams } from '@remix-run/react';
import type { ServiceAccountView } from '~/service-accounts/service-accounts.schema';
import { Badge } from '~/ui/badge';
import { LinkTable } from '~/ui/link-table';
import { Time } from '~/ui/time';
import { SERVICE_ACCOUNTS } from './service-accounts-params';

export function ServiceAccountTable({ accounts, now }: { accounts: ServiceAccountView[]; now: number }) {
  const [params] = useSearchParams();
  return (
    <LinkTable
      label="Service accounts"
      heading="Service account"
      rows={accounts}
      linkRow={({ id, name, purpose, disabledAt }) => ({
        id,
        to: SERVICE_ACCOUNTS.childHref(id, params),
        title: name,
        subtitle: purpose,
        inactive: disabledAt !== null,
      })}
      columns={[
        ['Active keys', ({ activeKeys }) => activeKeys.toLocaleString('en')],
        [
          'Last used',
          ({ lastUsedAt }) => (lastUsedAt === null ? 'Never' : <Time at={lastUsedAt} now={now} />),
        ],
        ['Created', ({ createdAt }) => <Time at={createdAt} now={now} />],
        ['State', ({ disabledAt }) => <StateBadge disabledAt={disabledAt} />],
      ]}
    />
  );
}

/** Whether keys can be issued for an account. */
export function StateBadge({ disabledAt }: Pick<ServiceAccountView, 'disabledAt'>) {
  return disabledAt === null ? <Badge tone="good">enabled</Badge> : <Badge>disabled</Badge>;
}

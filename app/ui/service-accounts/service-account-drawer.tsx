import { useSearchParams } from '@remix-run/react';
import type { ServiceAccountWithKeys } from '~/service-accounts/service-accounts.schema';
import { DialogLinkButton } from '~/ui/button';
import { ActionGroup, DetailDrawer, IntentButton } from '~/ui/detail-drawer';
import { SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';
import { Time } from '~/ui/time';
import { ServiceAccountKeys } from './service-account-keys';
import { StateBadge } from './service-account-table';

interface ServiceAccountDrawerProps {
  account: ServiceAccountWithKeys;
  now: number;
  error: { ok: false; message: string } | undefined;
}

/** One account: its keys, and what an admin can do. */
export function ServiceAccountDrawer({ account, now, error }: ServiceAccountDrawerProps) {
  const [params] = useSearchParams();
  const fields = SERVICE_ACCOUNTS.fields(params);
  const { disabledAt, keys } = account;
  const enabled = disabledAt === null;
  const to = (page: string) => `${SERVICE_ACCOUNTS.path}/${account.id}/${page}`;
  return (
    <DetailDrawer
      title={account.name}
      description={account.purpose}
      backTo={SERVICE_ACCOUNTS.href(params)}
      error={error}
      facts={{
        State: <StateBadge disabledAt={disabledAt} />,
        Created: (
          <>
            <Time at={account.createdAt} now={now} /> by {account.createdBy}
          </>
        ),
        Disabled: !enabled && <Time at={disabledAt} now={now} />,
        'Last used': account.lastUsedAt === null ? 'Never' : <Time at={account.lastUsedAt} now={now} />,
        'Active keys': account.activeKeys.toLocaleString('en'),
      }}
    >
      <ActionGroup
        title="Keys"
        note={
          keys.length === 0
            ? 'No keys yet.'
            : 'Can hold several keys per tool, so you can rotate without downtime.'
        }
      >
        {/* Before the list: the first button gets focus when the drawer opens, so it must not revoke anything. */}
        {enabled ? (
          <DialogLinkButton
            to={to('issue-key')}
            fields={fields}
            variant={account.activeKeys === 0 ? 'primary' : 'secondary'}
          >
            Issue key
          </DialogLinkButton>
        ) : null}
        {keys.length === 0 ? null : (
          <ServiceAccountKeys accountId={account.id} keys={keys} now={now} fields={fields} />
        )}
      </ActionGroup>
      <ActionGroup title="Settings" note="Name and purpose. Keys keep working.">
        <DialogLinkButton to={to('edit')} fields={fields}>
          Edit
        </DialogLinkButton>
      </ActionGroup>
      {enabled ? (
        <ActionGroup title="Account" note="When it is shut down: revokes all its active keys.">
          <DialogLinkButton to={to('disable')} fields={fields}>
            Disable…
          </DialogLinkButton>
        </ActionGroup>
      ) : (
        <ActionGroup title="Account" note="Keys can be issued again. Revoked keys stay revoked.">
          <IntentButton intent="enable">Enable</IntentButton>
        </ActionGroup>
      )}
    </DetailDrawer>
  );
}

import type { ServiceAccountWithKeys } from '~/service-accounts/service-accounts.schema';
import { DialogLinkButton } from '~/ui/button';
import { DescriptionList, Group, IntentButton } from '~/ui/description-list';
import { useFocusOnError } from '~/ui/form';
import { FormError, Notice } from '~/ui/notice';
import { Time } from '~/ui/time';
import { ServiceAccountKeys } from './service-account-keys';
import { StateBadge } from './service-account-table';

interface ServiceAccountDetailsProps {
  account: ServiceAccountWithKeys;
  now: number;
  refused: { ok: false; message: string } | undefined;
  /** What has just been done, as the URL says after a form. */
  done: string | null;
  /** The list's filters, kept through the dialogs. */
  kept: [name: string, value: string][];
}

const DONE: Record<string, string> = {
  created: 'The service account is there. Issue its first key.',
  updated: 'The changes are saved. Its keys go on working.',
  revoked: 'The key is revoked: the next call with it is refused.',
  disabled: 'The service account is disabled, and its active keys are revoked.',
  enabled: 'Keys can be issued for it again. Those that were revoked stay so.',
};

/** One account in the drawer: what it is, its keys, and what can be done about it. */
export function ServiceAccountDetails({ account, now, refused, done, kept }: ServiceAccountDetailsProps) {
  const drawer = useFocusOnError<HTMLDivElement>(refused);
  const notice = done === null ? undefined : DONE[done];
  const enabled = account.disabledAt === null;
  const to = (page: string) => `/admin/ai/service-accounts/${account.id}/${page}`;
  return (
    <div ref={drawer} className="grid gap-6">
      {notice && !refused ? (
        <Notice tone="good" announce>
          {notice}
        </Notice>
      ) : null}
      <FormError result={refused} />
      <AccountFacts account={account} now={now} />
      <Group
        title="Keys"
        note={
          account.keys.length === 0
            ? 'None was issued yet.'
            : 'It may hold several of one tool and environment: issue the new one, roll it out, then revoke the old one.'
        }
      >
        {/* Before the list: what comes first has the focus when the drawer opens, and this only asks. */}
        {enabled ? (
          <DialogLinkButton
            to={to('issue-key')}
            fields={kept}
            variant={account.activeKeys === 0 ? 'primary' : 'secondary'}
          >
            Issue key
          </DialogLinkButton>
        ) : null}
        {account.keys.length === 0 ? null : (
          <ServiceAccountKeys accountId={account.id} keys={account.keys} now={now} kept={kept} />
        )}
      </Group>
      <Group title="Settings" note="Name and purpose. Its keys go on working.">
        <DialogLinkButton to={to('edit')} fields={kept}>
          Edit
        </DialogLinkButton>
      </Group>
      {enabled ? (
        <Group title="Account" note="For a workload that is shut down: revokes all its active keys.">
          <DialogLinkButton to={to('disable')} fields={kept}>
            Disable…
          </DialogLinkButton>
        </Group>
      ) : (
        <Group title="Account" note="Lets keys be issued for it again. Those that were revoked stay so.">
          <IntentButton intent="enable">Enable</IntentButton>
        </Group>
      )}
    </div>
  );
}

function AccountFacts({ account, now }: Pick<ServiceAccountDetailsProps, 'account' | 'now'>) {
  const { createdAt, createdBy, disabledAt, lastUsedAt } = account;
  return (
    <DescriptionList>
      <dt>State</dt>
      <dd>
        <StateBadge disabledAt={disabledAt} />
      </dd>
      <dt>Created</dt>
      <dd className="wrap-anywhere">
        <Time at={createdAt} now={now} /> by {createdBy}
      </dd>
      {disabledAt === null ? null : (
        <>
          <dt>Disabled</dt>
          <dd>
            <Time at={disabledAt} now={now} />
          </dd>
        </>
      )}
      <dt>Last used</dt>
      <dd>{lastUsedAt === null ? 'Never' : <Time at={lastUsedAt} now={now} />}</dd>
      <dt>Active keys</dt>
      <dd>{account.activeKeys.toLocaleString('en')}</dd>
    </DescriptionList>
  );
}

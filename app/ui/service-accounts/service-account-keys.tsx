import type { KeyView } from '~/keys/keys.schema';
import { KeyEndNote } from '~/ui/keys/key-end-note';
import { KeySummary, LastUse, RevokeButton } from '~/ui/keys/key-summary';
import { keyName } from '~/ui/keys/revoke-confirmation';
import { RowMenu } from '~/ui/row-menu';
import { SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';
import { Time } from '~/ui/time';

interface ServiceAccountKeysProps {
  accountId: string;
  keys: KeyView[];
  now: number;
  /** The list's filters, kept through the dialog. */
  fields: [name: string, value: string][];
}

/** The keys of one account: active ones first, then ended ones. */
export function ServiceAccountKeys({ keys, ...rest }: ServiceAccountKeysProps) {
  const active = keys.filter(({ status }) => status === 'ACTIVE');
  const ended = keys.filter(({ status }) => status !== 'ACTIVE');
  return (
    <ul aria-label="Keys" className="w-full divide-y divide-line rounded-md border border-line text-sm">
      {[...active, ...ended].map((apiKey) => (
        <KeyItem key={apiKey.id} apiKey={apiKey} {...rest} />
      ))}
    </ul>
  );
}

function KeyItem({
  accountId,
  apiKey,
  now,
  fields,
}: Omit<ServiceAccountKeysProps, 'keys'> & { apiKey: KeyView }) {
  const active = apiKey.status === 'ACTIVE';
  const name = `${keyName(apiKey)}, ${apiKey.prefix}…`;
  return (
    <li className="flex items-start justify-between gap-2 p-3" data-key={apiKey.id}>
      <KeySummary apiKey={apiKey} withStatus>
        <p className="text-muted">
          Created <Time at={apiKey.createdAt} now={now} /> · <LastUse at={apiKey.lastUsedAt} now={now} />
        </p>
        {apiKey.ended === null ? null : <KeyEndNote ended={apiKey.ended} now={now} holder="its holder" />}
      </KeySummary>
      <div className="flex items-center gap-1">
        {active ? (
          <RevokeButton
            name={name}
            to={`${SERVICE_ACCOUNTS.path}/${accountId}/keys/${apiKey.id}/revoke`}
            fields={fields}
          />
        ) : null}
        <RowMenu
          label={`More for ${name}`}
          items={[{ to: `/admin/audit?key=${apiKey.id}`, label: 'View audit trail' }]}
        />
      </div>
    </li>
  );
}

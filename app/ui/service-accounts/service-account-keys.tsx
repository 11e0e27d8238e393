import type { KeyView } from '~/keys/keys.schema';
import { EnvironmentBadge, StatusBadge } from '~/ui/badge';
import { DialogLinkButton } from '~/ui/button';
import { Icon } from '~/ui/icon';
import { KeyEndNote } from '~/ui/keys/key-end-note';
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
      {[...active, ...ended].map((held) => (
        <KeyItem key={held.id} held={held} {...rest} />
      ))}
    </ul>
  );
}

function KeyItem({
  accountId,
  held,
  now,
  fields,
}: Omit<ServiceAccountKeysProps, 'keys'> & { held: KeyView }) {
  const active = held.status === 'ACTIVE';
  const name = `${keyName(held)}, ${held.prefix}…`;
  return (
    <li className="flex items-start justify-between gap-2 p-3" data-key={held.id}>
      <div className="grid min-w-0 gap-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className={`font-medium wrap-anywhere ${active ? '' : 'text-muted'}`}>
            {held.tool.displayName}
          </span>
          <EnvironmentBadge environment={held.environment} />
          <StatusBadge status={held.status} />
        </p>
        <p className="wrap-anywhere text-muted">{held.purpose}</p>
        <p className="font-mono text-xs text-muted select-all">
          {held.prefix}
          <span className="select-none">…</span>
        </p>
        <p className="text-muted">
          Created <Time at={held.createdAt} now={now} />
          {' · '}
          {held.lastUsedAt === null ? (
            'Never used'
          ) : (
            <>
              Used <Time at={held.lastUsedAt} now={now} />
            </>
          )}
        </p>
        {held.ended === null ? null : <KeyEndNote ended={held.ended} now={now} holder="its holder" />}
      </div>
      <div className="flex items-center gap-1">
        {active ? (
          <DialogLinkButton
            to={`${SERVICE_ACCOUNTS.path}/${accountId}/keys/${held.id}/revoke`}
            fields={fields}
            variant="quiet"
            aria-label={`Revoke ${name}`}
            title="Revoke"
            square
            className="hover:bg-danger-tint hover:text-danger"
          >
            <Icon name="revoke" />
          </DialogLinkButton>
        ) : null}
        <RowMenu
          label={`More for ${name}`}
          items={[{ to: `/admin/audit?key=${held.id}`, label: 'View audit trail' }]}
        />
      </div>
    </li>
  );
}

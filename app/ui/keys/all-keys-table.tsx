import type { AdminKeyView } from '~/keys/keys.schema';
import { Badge, StatusBadge } from '~/ui/badge';
import { RowMenu } from '~/ui/row-menu';
import { StackingTable } from '~/ui/table';
import { Time } from '~/ui/time';
import { ToolAvatar } from '~/ui/tool-avatar';
import { ALL_KEYS } from './all-keys-params';
import { KeyEndNote } from './key-end-note';
import { KeySummary, LastUse, RevokeButton } from './key-summary';
import { isServiceAccountKey, keyName } from './revoke-confirmation';

interface AllKeysTableProps {
  keys: AdminKeyView[];
  now: number;
  /** The id of the form that revokes the selected keys. */
  bulkForm: string;
  /** The list's parameters, which *Revoke* passes on. */
  filters: [name: string, value: string][];
}

/** Every key, for admins. */
export function AllKeysTable({ keys, ...rest }: AllKeysTableProps) {
  return (
    <StackingTable
      aria-label="Keys"
      from="xl"
      className="xl:table-fixed"
      columns={[
        ['Selected', 'w-10', 'hidden'],
        ['Key'],
        ['Holder', 'w-[23%]'],
        ['Created and last used', 'w-50'],
        ['Status', 'w-28'],
        ['Actions', 'w-28', 'hidden'],
      ]}
    >
      {keys.map((key) => (
        <Row key={key.id} apiKey={key} {...rest} />
      ))}
    </StackingTable>
  );
}

const CELL = 'px-4 py-0.5 align-top xl:table-cell xl:py-3';

function Row({ apiKey, now, bulkForm, filters }: Omit<AllKeysTableProps, 'keys'> & { apiKey: AdminKeyView }) {
  const name = `${keyName(apiKey)}, of ${apiKey.holder.name}`;
  return (
    <tr
      role="row"
      data-key={apiKey.id}
      data-row
      className="relative grid grid-cols-[auto_minmax(0,1fr)] border-b border-line py-3 last:border-b-0 xl:table-row"
    >
      <td role="cell" className="row-span-4 py-1 pl-4 align-top xl:table-cell xl:py-3.5">
        {apiKey.status === 'ACTIVE' ? (
          <input
            type="checkbox"
            name="keyId"
            value={apiKey.id}
            form={bulkForm}
            aria-label={`Select ${name}`}
            className="size-4"
          />
        ) : (
          <span aria-hidden className="block w-4" />
        )}
      </td>
      <td role="cell" className={`${CELL} pr-24 xl:pr-4`}>
        <div className="flex gap-3">
          <span className="hidden xl:block">
            <ToolAvatar name={apiKey.tool.displayName} />
          </span>
          <KeySummary apiKey={apiKey}>
            {apiKey.prefix === null && apiKey.status === 'ACTIVE' ? (
              <p className="text-muted">Not revealed yet</p>
            ) : null}
            {apiKey.ended === null ? null : <KeyEndNote ended={apiKey.ended} now={now} holder="its holder" />}
          </KeySummary>
        </div>
      </td>
      <td role="cell" className={CELL}>
        <p className="min-w-0 font-medium wrap-anywhere">
          {apiKey.holder.name} {apiKey.holder.disabled ? <Badge>disabled</Badge> : null}
        </p>
        <p className="min-w-0 wrap-anywhere text-muted">{apiKey.holder.email ?? 'Service account'}</p>
      </td>
      <td role="cell" className={`${CELL} text-muted`}>
        <p>
          Created <Time at={apiKey.createdAt} now={now} />
        </p>
        <p>
          <LastUse at={apiKey.lastUsedAt} now={now} />
        </p>
      </td>
      <td role="cell" className={CELL}>
        <StatusBadge status={apiKey.status} />
      </td>
      <td role="cell" className="absolute top-2 right-2 xl:static xl:table-cell xl:px-4 xl:py-2 xl:align-top">
        <div className="flex items-center justify-end gap-1">
          {apiKey.status === 'ACTIVE' ? (
            <RevokeButton
              name={name}
              to={`${ALL_KEYS.path}/revoke`}
              fields={[...filters, ['keyId', apiKey.id]]}
            />
          ) : null}
          <RowMenu
            label={`More for ${name}`}
            items={[
              { to: `/admin/audit?key=${apiKey.id}`, label: 'View audit trail' },
              {
                to: `/admin/ai/keys?q=${encodeURIComponent(apiKey.holder.email ?? apiKey.holder.name)}`,
                label: 'View holder’s keys',
              },
              ...(isServiceAccountKey(apiKey)
                ? [{ to: `/admin/ai/service-accounts/${apiKey.holder.id}`, label: 'View service account' }]
                : []),
            ]}
          />
        </div>
      </td>
    </tr>
  );
}

import type { AdminKeyView } from '~/keys/keys.schema';
import { Badge, EnvironmentBadge, StatusBadge } from '~/ui/badge';
import { DialogLinkButton } from '~/ui/button';
import { Icon } from '~/ui/icon';
import { RowMenu } from '~/ui/row-menu';
import { Time } from '~/ui/time';
import { ToolAvatar } from '~/ui/tool-avatar';
import { KeyEndNote } from './key-end-note';
import { isServiceAccountKey, keyName } from './revoke-confirmation';

interface AllKeysTableProps {
  keys: AdminKeyView[];
  now: number;
  /** The id of the form that revokes several at once. */
  bulkForm: string;
  /** The list's filters, which *Revoke* takes along, to come back to. */
  filters: [name: string, value: string][];
}

const HEADINGS = [
  ['Key', ''],
  ['Holder', 'w-[23%]'],
  ['Created and last used', 'w-50'],
  ['Status', 'w-28'],
] as const;

/** Every key, for admins. Narrow screens stack each row; the roles keep it a table to screen readers. */
export function AllKeysTable({ keys, ...rest }: AllKeysTableProps) {
  return (
    <table role="table" aria-label="Keys" className="block w-full text-sm xl:table xl:table-fixed" data-list>
      <thead role="rowgroup" className="hidden xl:table-header-group">
        <tr role="row" className="border-b border-line text-left text-xs text-muted">
          <th role="columnheader" scope="col" className="w-10 py-2 pl-4">
            <span className="sr-only">Selected</span>
          </th>
          {HEADINGS.map(([heading, width]) => (
            <th key={heading} role="columnheader" scope="col" className={`px-4 py-2 font-medium ${width}`}>
              {heading}
            </th>
          ))}
          <th role="columnheader" scope="col" className="w-28 px-4 py-2">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup" className="block xl:table-row-group">
        {keys.map((held) => (
          <Row key={held.id} held={held} {...rest} />
        ))}
      </tbody>
    </table>
  );
}

const CELL = 'px-4 py-0.5 align-top xl:table-cell xl:py-3';

function Row({ held, now, bulkForm, filters }: Omit<AllKeysTableProps, 'keys'> & { held: AdminKeyView }) {
  const name = `${keyName(held)}, of ${held.holder.name}`;
  return (
    <tr
      role="row"
      data-key={held.id}
      data-row
      className="relative grid grid-cols-[auto_minmax(0,1fr)] border-b border-line py-3 last:border-b-0 xl:table-row"
    >
      <td role="cell" className="row-span-4 py-1 pl-4 align-top xl:table-cell xl:py-3.5">
        {held.status === 'ACTIVE' ? (
          <input
            type="checkbox"
            name="keyId"
            value={held.id}
            form={bulkForm}
            aria-label={`Select ${name}`}
            className="size-4"
          />
        ) : (
          <span aria-hidden className="block w-4" />
        )}
      </td>
      <td role="cell" className={`${CELL} pr-24 xl:pr-4`}>
        <What held={held} now={now} />
      </td>
      <td role="cell" className={CELL}>
        <p className="min-w-0 font-medium wrap-anywhere">
          {held.holder.name} {held.holder.disabled ? <Badge>disabled</Badge> : null}
        </p>
        <p className="min-w-0 wrap-anywhere text-muted">{held.holder.email ?? 'Service account'}</p>
      </td>
      <td role="cell" className={`${CELL} text-muted`}>
        <p>
          Created <Time at={held.createdAt} now={now} />
        </p>
        <p>
          {held.lastUsedAt === null ? (
            'Never used'
          ) : (
            <>
              Used <Time at={held.lastUsedAt} now={now} />
            </>
          )}
        </p>
      </td>
      <td role="cell" className={CELL}>
        <StatusBadge status={held.status} />
      </td>
      <td role="cell" className="absolute top-2 right-2 xl:static xl:table-cell xl:px-4 xl:py-2 xl:align-top">
        <div className="flex items-center justify-end gap-1">
          {held.status === 'ACTIVE' ? (
            <DialogLinkButton
              to="/admin/ai/keys/revoke"
              fields={[...filters, ['keyId', held.id]]}
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
            items={[
              { to: `/admin/audit?key=${held.id}`, label: 'Its audit trail' },
              {
                to: `/admin/ai/keys?q=${encodeURIComponent(held.holder.email ?? held.holder.name)}`,
                label: 'All keys of its holder',
              },
              ...(isServiceAccountKey(held)
                ? [{ to: `/admin/ai/service-accounts/${held.holder.id}`, label: 'Its service account' }]
                : []),
            ]}
          />
        </div>
      </td>
    </tr>
  );
}

function What({ held, now }: { held: AdminKeyView; now: number }) {
  return (
    <div className="flex gap-3">
      <span className="hidden xl:block">
        <ToolAvatar name={held.tool.displayName} />
      </span>
      <div className="grid min-w-0 gap-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 font-medium wrap-anywhere">{held.tool.displayName}</span>
          <EnvironmentBadge environment={held.environment} />
        </p>
        <p className="wrap-anywhere text-muted">{held.purpose}</p>
        {held.prefix ? (
          <p className="font-mono text-xs text-muted select-all">
            {held.prefix}
            <span className="select-none">…</span>
          </p>
        ) : held.status === 'ACTIVE' ? (
          <p className="text-muted">Not revealed yet</p>
        ) : null}
        {held.ended === null ? null : <KeyEndNote ended={held.ended} now={now} holder="its holder" />}
      </div>
    </div>
  );
}

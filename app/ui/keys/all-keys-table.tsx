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
  /** The id of the form that revokes the selected keys. */
  bulkForm: string;
  /** The list's parameters, which *Revoke* passes on. */
  filters: [name: string, value: string][];
}

const HEADINGS = [
  ['Key', ''],
  ['Holder', 'w-[23%]'],
  ['Created and last used', 'w-50'],
  ['Status', 'w-28'],
] as const;

/** Every key, for admins. Rows stack on narrow screens; the roles keep it a table for screen readers. */
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
        {keys.map((apiKey) => (
          <Row key={apiKey.id} apiKey={apiKey} {...rest} />
        ))}
      </tbody>
    </table>
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
        <KeySummary apiKey={apiKey} now={now} />
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
          {apiKey.lastUsedAt === null ? (
            'Never used'
          ) : (
            <>
              Used <Time at={apiKey.lastUsedAt} now={now} />
            </>
          )}
        </p>
      </td>
      <td role="cell" className={CELL}>
        <StatusBadge status={apiKey.status} />
      </td>
      <td role="cell" className="absolute top-2 right-2 xl:static xl:table-cell xl:px-4 xl:py-2 xl:align-top">
        <div className="flex items-center justify-end gap-1">
          {apiKey.status === 'ACTIVE' ? (
            <DialogLinkButton
              to="/admin/ai/keys/revoke"
              fields={[...filters, ['keyId', apiKey.id]]}
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

function KeySummary({ apiKey, now }: { apiKey: AdminKeyView; now: number }) {
  return (
    <div className="flex gap-3">
      <span className="hidden xl:block">
        <ToolAvatar name={apiKey.tool.displayName} />
      </span>
      <div className="grid min-w-0 gap-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 font-medium wrap-anywhere">{apiKey.tool.displayName}</span>
          <EnvironmentBadge environment={apiKey.environment} />
        </p>
        <p className="wrap-anywhere text-muted">{apiKey.purpose}</p>
        <Prefix apiKey={apiKey} />
        {apiKey.ended === null ? null : <KeyEndNote ended={apiKey.ended} now={now} holder="its holder" />}
      </div>
    </div>
  );
}

function Prefix({ apiKey: { prefix, status } }: { apiKey: AdminKeyView }) {
  if (prefix === null) return status === 'ACTIVE' ? <p className="text-muted">Not revealed yet</p> : null;
  return (
    <p className="font-mono text-xs text-muted select-all">
      {prefix}
      <span className="select-none">…</span>
    </p>
  );
}

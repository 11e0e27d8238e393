import { Form } from '@remix-run/react';
import type { KeyView } from '~/keys/keys.schema';
import { EnvironmentBadge, StatusBadge } from '~/ui/badge';
import { Button, DialogLinkButton } from '~/ui/button';
import { useSubmitting } from '~/ui/form';
import { Icon } from '~/ui/icon';
import { RowMenu } from '~/ui/row-menu';
import { LabelledCell, StackingTable } from '~/ui/table';
import { Time } from '~/ui/time';
import { ToolAvatar } from '~/ui/tool-avatar';
import { KeyEndNote } from './key-end-note';
import { keyName } from './revoke-confirmation';

interface KeyTableProps {
  keys: KeyView[];
  now: number;
  /** The id of the list's heading. */
  label: string;
  /** The list's filters, which the pages above it take along, to come back to. */
  filters: [name: string, value: string][];
}

/** The holder's own keys. */
export function KeyTable({ keys, label, ...rest }: KeyTableProps) {
  return (
    <StackingTable
      aria-labelledby={label}
      headings={['Tool', 'Created', 'Last used', 'Status', '']}
      data-list
    >
      {keys.map((key) => (
        <KeyRow key={key.id} held={key} {...rest} />
      ))}
    </StackingTable>
  );
}

const CELL = 'px-4 py-1 align-top md:table-cell md:py-3';
const FACT = 'col-span-2 py-1 pr-4 pl-15 md:pl-4 md:whitespace-nowrap';

type KeyRowProps = Omit<KeyTableProps, 'keys' | 'label'> & { held: KeyView };

function KeyRow({ held, now, filters }: KeyRowProps) {
  const final = held.status === 'REVOKED' || held.status === 'REJECTED';
  return (
    <tr
      role="row"
      data-key={held.id}
      data-row
      className="grid grid-cols-[minmax(0,1fr)_auto] border-b border-line py-2 last:border-b-0 md:table-row"
    >
      <td role="cell" className={`${CELL} col-span-2`}>
        <div className="flex gap-3">
          <ToolAvatar name={held.tool.displayName} />
          <div className="grid min-w-0 gap-1">
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <span className={`min-w-0 font-medium wrap-anywhere ${final ? 'text-muted' : ''}`}>
                {held.tool.displayName}
              </span>
              <EnvironmentBadge environment={held.environment} />
            </p>
            <p className="wrap-anywhere text-muted">{held.purpose}</p>
            {held.prefix ? (
              <p className="font-mono text-xs text-muted select-all">
                {held.prefix}
                <span className="select-none">…</span>
              </p>
            ) : null}
            <Situation held={held} now={now} />
          </div>
        </div>
      </td>
      <LabelledCell label="Created" className={FACT}>
        <Time at={held.createdAt} now={now} />
      </LabelledCell>
      <LabelledCell label="Last used" className={FACT}>
        {held.lastUsedAt === null ? 'Never' : <Time at={held.lastUsedAt} now={now} />}
      </LabelledCell>
      <td role="cell" className={`${CELL} col-start-1 self-center pl-15 md:pl-4`}>
        <StatusBadge status={held.status} />
      </td>
      <td role="cell" className={`${CELL} col-start-2 self-center md:pl-0 md:text-right`}>
        <Actions held={held} filters={filters} />
      </td>
    </tr>
  );
}

/** What the holder should know or do next, where the pill alone does not say it. */
function Situation({ held, now }: { held: KeyView; now: number }) {
  if (held.tool.archived && held.ended === null) {
    return (
      <p className="text-wait">This tool is archived: its keys do not work until an admin restores it.</p>
    );
  }
  if (held.status === 'PENDING') {
    return (
      <p className="text-wait">
        Waiting for an admin. Requested <Time at={held.createdAt} now={now} />.
      </p>
    );
  }
  if (held.status === 'ACTIVE' && !held.revealed) {
    return <p className="font-medium text-good">Approved. Reveal the key to start using it.</p>;
  }
  return held.ended === null ? null : <KeyEndNote ended={held.ended} now={now} holder="you" />;
}

function Actions({ held, filters }: Omit<KeyRowProps, 'now'>) {
  const name = keyName(held);
  const at = `/me/ai-keys/${held.id}`;
  const search = filters.length > 0 ? `?${new URLSearchParams(filters)}` : '';
  const elsewhere = `/me/ai-keys/request/${held.tool.slug}${search}`;
  if (held.status === 'PENDING') {
    return (
      <DialogLinkButton to={`${at}/withdraw`} fields={filters} aria-label={`Withdraw ${name}`}>
        Withdraw
      </DialogLinkButton>
    );
  }
  if (held.status !== 'ACTIVE') return null;
  return (
    <div className="flex items-center justify-end gap-1">
      {held.revealed ? null : <RevealButton action={`${at}/reveal${search}`} name={name} />}
      <DialogLinkButton
        to={`${at}/revoke`}
        fields={filters}
        variant="quiet"
        aria-label={`Revoke ${name}`}
        title="Revoke"
        square
        className="hover:bg-danger-tint hover:text-danger"
      >
        <Icon name="revoke" />
      </DialogLinkButton>
      <RowMenu
        label={`More for ${name}`}
        items={[
          { to: `${at}/settings${search}`, label: 'How to use this key' },
          ...(held.tool.archived ? [] : [{ to: elsewhere, label: 'Request another environment' }]),
        ]}
      />
    </div>
  );
}

/** A second click must not overtake the first, whose answer is the only one with the key in it. */
function RevealButton({ action, name }: { action: string; name: string }) {
  const submitting = useSubmitting(action);
  return (
    <Form method="post" action={action} preventScrollReset>
      <Button variant="primary" busy={submitting}>
        Reveal key<span className="sr-only"> for {name}</span>
      </Button>
    </Form>
  );
}

import { Form } from '@remix-run/react';
import type { KeyView } from '~/keys/keys.schema';
import { StatusBadge } from '~/ui/badge';
import { Button, DialogLinkButton } from '~/ui/button';
import { useSubmitting } from '~/ui/form';
import { RowMenu } from '~/ui/row-menu';
import { LabelledCell, StackingTable } from '~/ui/table';
import { Time } from '~/ui/time';
import { ToolAvatar } from '~/ui/tool-avatar';
import { KeyEndNote } from './key-end-note';
import { KeySummary, RevokeButton } from './key-summary';
import { keyName } from './revoke-confirmation';

interface KeyTableProps {
  keys: KeyView[];
  now: number;
  /** The id of the list's heading. */
  headingId: string;
  /** The list's parameters, which links to drawers and dialogs pass on. */
  filters: [name: string, value: string][];
}

/** The signed-in person's keys. */
export function KeyTable({ keys, headingId, ...rest }: KeyTableProps) {
  return (
    <StackingTable
      aria-labelledby={headingId}
      columns={[['Tool', 'w-1/2'], ['Created'], ['Last used'], ['Status'], ['Actions', '', 'hidden']]}
    >
      {keys.map((key) => (
        <KeyRow key={key.id} apiKey={key} {...rest} />
      ))}
    </StackingTable>
  );
}

const CELL = 'px-4 py-1 align-top md:table-cell md:py-3';
const DETAIL_CELL = 'col-span-2 py-1 pr-4 pl-15 md:pl-4 md:whitespace-nowrap';

type KeyRowProps = Omit<KeyTableProps, 'keys' | 'headingId'> & { apiKey: KeyView };

function KeyRow({ apiKey, now, filters }: KeyRowProps) {
  return (
    <tr
      role="row"
      data-key={apiKey.id}
      data-row
      className="grid grid-cols-[minmax(0,1fr)_auto] border-b border-line py-2 last:border-b-0 md:table-row"
    >
      <td role="cell" className={`${CELL} col-span-2`}>
        <div className="flex gap-3">
          <ToolAvatar name={apiKey.tool.displayName} />
          <KeySummary apiKey={apiKey}>
            <NextStep apiKey={apiKey} now={now} />
          </KeySummary>
        </div>
      </td>
      <LabelledCell label="Created" className={DETAIL_CELL}>
        <Time at={apiKey.createdAt} now={now} />
      </LabelledCell>
      <LabelledCell label="Last used" className={DETAIL_CELL}>
        {apiKey.lastUsedAt === null ? 'Never' : <Time at={apiKey.lastUsedAt} now={now} />}
      </LabelledCell>
      <td role="cell" className={`${CELL} col-start-1 self-center pl-15 md:pl-4`}>
        <StatusBadge status={apiKey.status} />
      </td>
      <td role="cell" className={`${CELL} col-start-2 self-center md:pl-0 md:text-right`}>
        <Actions apiKey={apiKey} filters={filters} />
      </td>
    </tr>
  );
}

/** What the holder should know or do next, where the status alone doesn't tell. */
function NextStep({ apiKey, now }: { apiKey: KeyView; now: number }) {
  if (apiKey.tool.archived && apiKey.ended === null) {
    return (
      <p className="text-wait">This tool is archived. Its keys don’t work until an admin restores it.</p>
    );
  }
  if (apiKey.status === 'PENDING') {
    return (
      <p className="text-wait">
        Waiting for approval. Requested <Time at={apiKey.createdAt} now={now} />.
      </p>
    );
  }
  if (apiKey.status === 'ACTIVE' && !apiKey.revealed) {
    return <p className="font-medium text-good">Approved. Reveal the key to start using it.</p>;
  }
  return apiKey.ended === null ? null : <KeyEndNote ended={apiKey.ended} now={now} holder="you" />;
}

function Actions({ apiKey, filters }: Omit<KeyRowProps, 'now'>) {
  const name = keyName(apiKey);
  const href = `/me/ai-keys/${apiKey.id}`;
  const search = filters.length > 0 ? `?${new URLSearchParams(filters)}` : '';
  const requestHref = `/me/ai-keys/request/${apiKey.tool.slug}${search}`;
  if (apiKey.status === 'PENDING') {
    return (
      <DialogLinkButton to={`${href}/withdraw`} fields={filters} aria-label={`Withdraw ${name}`}>
        Withdraw
      </DialogLinkButton>
    );
  }
  if (apiKey.status !== 'ACTIVE') return null;
  return (
    <div className="flex items-center justify-end gap-1">
      {apiKey.revealed ? null : <RevealButton action={`${href}/reveal${search}`} name={name} />}
      <RevokeButton name={name} to={`${href}/revoke`} fields={filters} />
      <RowMenu
        label={`More for ${name}`}
        items={[
          { to: `${href}/settings${search}`, label: 'How to use this key' },
          ...(apiKey.tool.archived ? [] : [{ to: requestHref, label: 'Request another environment' }]),
        ]}
      />
    </div>
  );
}

/** Ignores a second click: only the first response contains the raw key. */
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

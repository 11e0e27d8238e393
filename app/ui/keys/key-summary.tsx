import type { ReactNode } from 'react';
import type { KeyView } from '~/keys/keys.schema';
import { EnvironmentBadge, StatusBadge } from '~/ui/badge';
import { DialogLinkButton } from '~/ui/button';
import { Icon } from '~/ui/icon';
import { Time } from '~/ui/time';

interface KeySummaryProps {
  apiKey: KeyView;
  withStatus?: boolean;
  /** Further lines. */
  children?: ReactNode;
}

/** What identifies a key in a list: tool, environment, purpose and prefix. */
export function KeySummary({ apiKey, withStatus = false, children }: KeySummaryProps) {
  const { tool, environment, purpose, prefix, status } = apiKey;
  const hasEnded = status === 'REVOKED' || status === 'REJECTED';
  return (
    <div className="grid min-w-0 gap-1">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className={`min-w-0 font-medium wrap-anywhere ${hasEnded ? 'text-muted' : ''}`}>
          {tool.displayName}
        </span>
        <EnvironmentBadge environment={environment} />
        {withStatus ? <StatusBadge status={status} /> : null}
      </p>
      <p className="wrap-anywhere text-muted">{purpose}</p>
      {prefix === null ? null : (
        <p className="font-mono text-xs text-muted select-all">
          {prefix}
          <span className="select-none">…</span>
        </p>
      )}
      {children}
    </div>
  );
}

/** *Used 2 days ago* or *Never used*. */
export function LastUse({ at, now }: { at: number | null; now: number }) {
  if (at === null) return 'Never used';
  return (
    <>
      Used <Time at={at} now={now} />
    </>
  );
}

interface RevokeButtonProps {
  /** The key's name for screen readers. */
  name: string;
  to: string;
  fields: [name: string, value: string][];
}

/** A row's button that opens the dialog that revokes its key. */
export function RevokeButton({ name, ...rest }: RevokeButtonProps) {
  return (
    <DialogLinkButton
      variant="quiet"
      aria-label={`Revoke ${name}`}
      title="Revoke"
      square
      className="hover:bg-danger-tint hover:text-danger"
      {...rest}
    >
      <Icon name="revoke" />
    </DialogLinkButton>
  );
}

import type { AdminKeyView, KeyView } from '~/keys/keys.schema';
import { EnvironmentBadge } from '~/ui/badge';
import { Time } from '~/ui/time';

interface KeysToRevokeProps {
  keys: (KeyView & Partial<Pick<AdminKeyView, 'holder'>>)[];
  now: number;
}

/** In the dialog that revokes keys: which keys, and what revoking means. The title names a single key's tool and holder. */
export function KeysToRevoke({ keys, now }: KeysToRevokeProps) {
  return (
    <>
      <ul className="grid gap-2">
        {keys.map(({ id, tool, holder, environment, prefix, lastUsedAt }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-2 text-sm">
            {keys.length > 1 ? `${tool.displayName} of ${holder?.name}` : null}
            <EnvironmentBadge environment={environment} />
            {prefix === null ? 'not revealed yet' : <span className="font-mono text-xs">{prefix}…</span>}
            <span>· last used: {lastUsedAt === null ? 'never' : <Time at={lastUsedAt} now={now} />}</span>
          </li>
        ))}
      </ul>
      <p>
        Anything using {keys.length === 1 ? 'this key' : 'these keys'} stops working immediately. This can’t
        be undone.
      </p>
    </>
  );
}

import type { KeyView } from '~/keys/keys.schema';
import { EnvironmentBadge } from '~/ui/badge';
import { Time } from '~/ui/time';

interface RevokedKeySummaryProps {
  apiKey: Pick<KeyView, 'environment' | 'prefix' | 'lastUsedAt'>;
  now: number;
}

/** In a dialog that revokes one key: which key it is, and what revoking means. */
export function RevokedKeySummary({
  apiKey: { environment, prefix, lastUsedAt },
  now,
}: RevokedKeySummaryProps) {
  return (
    <>
      <p className="flex flex-wrap items-center gap-2">
        <EnvironmentBadge environment={environment} />
        {prefix === null ? 'Not revealed yet' : <span className="font-mono text-sm">{prefix}…</span>}
      </p>
      <p>
        Last used: {lastUsedAt === null ? 'never' : <Time at={lastUsedAt} now={now} />}. Anything using this
        key stops working immediately. This can’t be undone.
      </p>
    </>
  );
}

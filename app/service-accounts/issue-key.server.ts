import { eq } from 'drizzle-orm';
import type { ChangeContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { mintRawKey } from '~/crypto/key-format.server';
import { createKey, findToolForKey } from '~/keys/create-key.server';
import type { KeyView } from '~/keys/keys.schema';
import { announceKeyResult } from '~/keys/record-key-event.server';
import type { KeyRow } from '~/keys/select-keys.server';
import { serviceAccounts } from '~db/schema';
import type { IssueKeyInput } from './service-accounts.schema';

/**
 * Issues a key to a service account and returns its secret this once. An admin asks, so no key needs approval. An account
 * may have several live keys per tool and environment: a new one can be rolled out before the old one is revoked.
 *
 * Errors: service-account-not-found, account-disabled, tool-not-found, tool-archived.
 */
export async function issueKey(
  app: ChangeContext,
  actor: Actor,
  { serviceAccountId, tool: slug, environment, purpose }: IssueKeyInput,
): Promise<Result<{ key: KeyView; rawKey: string }>> {
  const at = app.now();
  const minted = mintRawKey(environment, 'ais');
  const outcome = await app.db.write(async (tx): Promise<Result<KeyRow>> => {
    const [account] = await tx.select().from(serviceAccounts).where(eq(serviceAccounts.id, serviceAccountId));
    if (account === undefined) return err('service-account-not-found');
    if (account.disabledAt !== null) return err('account-disabled');
    const tool = await findToolForKey(tx, slug);
    if (!tool.ok) return tool;
    const row = await createKey(tx, {
      at,
      by: actor,
      holder: { serviceAccountId },
      toolId: tool.value.id,
      environment,
      purpose,
      secret: minted,
    });
    return ok(row);
  });
  const issued = announceKeyResult(app, outcome);
  return issued.ok ? ok({ key: issued.value, rawKey: minted.rawKey }) : issued;
}

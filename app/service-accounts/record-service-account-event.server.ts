import type { AppContext } from '~/app-context.server';
import { type AuditEvent, record } from '~/audit/record.server';
import type { Result } from '~/core/result';
import type { Queries } from '~db/database';
import type { ServiceAccountView } from './service-accounts.schema';

/** Writes the audit entry of a change to a service account, in the change's transaction. */
export function recordServiceAccountEvent(
  tx: Queries,
  {
    id,
    action,
    ...event
  }: Pick<AuditEvent, 'at' | 'by' | 'details'> & {
    id: string;
    action: 'created' | 'updated' | 'disabled' | 'enabled';
  },
): Promise<void> {
  return record(tx, { ...event, action: `service_account.${action}`, subject: `service_account:${id}` });
}

/** Notifies pages and the gateway after the commit of a change that succeeded. */
export function announceServiceAccount(
  { events }: Pick<AppContext, 'events'>,
  outcome: Result<ServiceAccountView>,
): Result<ServiceAccountView> {
  if (outcome.ok) events.emit('service-account-changed', { serviceAccountId: outcome.value.id });
  return outcome;
}

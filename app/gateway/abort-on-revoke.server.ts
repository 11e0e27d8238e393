import type { AppContext } from '~/app-context.server';
import type { ActiveCalls } from './active-calls.server';
import type { KeyRepository } from './key-repository.server';
import type { UpstreamPool } from './upstream-pool.server';

/**
 * Lets what happens elsewhere reach the calls under way: a key revoked, its holder disabled or its tool
 * archived ends them at once. (The next call is refused by the check's own read.)
 *
 * What is announced is committed, so nothing here may throw: whoever made the change would be told that it
 * failed. Calls of which the database cannot say whether they may go on are ended.
 *
 * @returns stops following.
 */
export function abortOnRevocation(
  { events, log }: Pick<AppContext, 'events' | 'log'>,
  { lookup, calls, upstreams }: { lookup: KeyRepository; calls: ActiveCalls; upstreams: UpstreamPool },
): () => void {
  const orEnd = (read: () => boolean): boolean => {
    try {
      return read();
    } catch (error) {
      log.error({ err: error }, 'calls are ended, since the database cannot be read');
      return true;
    }
  };
  const onKey = ({ keyId, status }: { keyId: string; status: string }) => {
    if (status !== 'ACTIVE') calls.cut((call) => call.keyId === keyId, 'key-revoked');
  };
  const onUser = ({ userId }: { userId: string }) => {
    if (orEnd(() => lookup.isUserDisabled(userId)))
      calls.cut((call) => call.holderId === userId, 'holder-disabled');
  };
  const onServiceAccount = ({ serviceAccountId }: { serviceAccountId: string }) => {
    if (orEnd(() => lookup.isServiceAccountDisabled(serviceAccountId)))
      calls.cut((call) => call.holderId === serviceAccountId, 'holder-disabled');
  };
  const onTool = ({ toolId }: { toolId: string }) => {
    lookup.forgetTools();
    if (orEnd(() => lookup.isToolArchived(toolId)))
      calls.cut((call) => call.toolId === toolId, 'tool-archived');
    try {
      upstreams.keepOnly(lookup.upstreamUrls());
    } catch (error) {
      log.error({ err: error }, 'connections that are no longer needed stay open until the next change');
    }
  };
  events
    .on('key-changed', onKey)
    .on('user-changed', onUser)
    .on('service-account-changed', onServiceAccount)
    .on('tool-changed', onTool);
  return () => {
    events
      .off('key-changed', onKey)
      .off('user-changed', onUser)
      .off('service-account-changed', onServiceAccount)
      .off('tool-changed', onTool);
  };
}

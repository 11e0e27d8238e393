import type { GatewayContext } from './gateway-context';

/**
 * Aborts calls in progress when their key is revoked, its holder disabled or its tool archived. (New calls are
 * rejected by the key check.)
 *
 * Nothing here may throw: the change is already committed, and its author would get an error. If the database can't
 * be read, the calls in question are aborted.
 *
 * @returns a function that unsubscribes from the events.
 */
export function abortOnRevocation({
  app: { events, log },
  keyRepository,
  calls,
  upstreams,
}: Pick<GatewayContext, 'app' | 'keyRepository' | 'calls' | 'upstreams'>): () => void {
  const trueOnError = (read: () => boolean): boolean => {
    try {
      return read();
    } catch (error) {
      log.error({ err: error }, 'aborting calls because the database could not be read');
      return true;
    }
  };
  const onKey = ({ keyId, status }: { keyId: string; status: string }) => {
    if (status !== 'ACTIVE') calls.abortWhere((call) => call.keyId === keyId, 'key-revoked');
  };
  const onUser = ({ userId }: { userId: string }) => {
    if (trueOnError(() => keyRepository.isUserDisabled(userId)))
      calls.abortWhere((call) => call.holderId === userId, 'holder-disabled');
  };
  const onServiceAccount = ({ serviceAccountId }: { serviceAccountId: string }) => {
    if (trueOnError(() => keyRepository.isServiceAccountDisabled(serviceAccountId)))
      calls.abortWhere((call) => call.holderId === serviceAccountId, 'holder-disabled');
  };
  const onTool = ({ toolId }: { toolId: string }) => {
    keyRepository.clearToolCache();
    if (trueOnError(() => keyRepository.isToolArchived(toolId)))
      calls.abortWhere((call) => call.toolId === toolId, 'tool-archived');
    try {
      upstreams.retain(keyRepository.upstreamUrls());
    } catch (error) {
      log.error({ err: error }, 'unused upstream connections stay open until the next tool change');
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

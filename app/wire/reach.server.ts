import type { Events } from '~/events.server';
import type { Lookup } from './lookup.server';
import type { OpenCalls } from './open-calls.server';
import type { Upstreams } from './upstreams.server';

/**
 * Lets what happens elsewhere reach the calls under way: a key revoked, its holder disabled or its tool
 * archived ends them at once. (The next call is refused by the check's own read.)
 *
 * @returns stops following.
 */
export function followChanges(
  events: Events,
  { lookup, calls, upstreams }: { lookup: Lookup; calls: OpenCalls; upstreams: Upstreams },
): () => void {
  const onKey = ({ keyId, status }: { keyId: string; status: string }) => {
    if (status !== 'ACTIVE') calls.cut((call) => call.keyId === keyId, 'key-revoked');
  };
  const onUser = ({ userId }: { userId: string }) => {
    if (lookup.isUserDisabled(userId)) calls.cut((call) => call.holderId === userId, 'holder-disabled');
  };
  const onTool = ({ toolId }: { toolId: string }) => {
    lookup.forgetTools();
    if (lookup.isToolArchived(toolId)) calls.cut((call) => call.toolId === toolId, 'tool-archived');
    upstreams.keepOnly(lookup.upstreamUrls());
  };
  events.on('key-changed', onKey).on('user-changed', onUser).on('tool-changed', onTool);
  return () => {
    events.off('key-changed', onKey).off('user-changed', onUser).off('tool-changed', onTool);
  };
}

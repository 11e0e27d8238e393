import type { ToolForMember } from '~/tools/tools.schema';
import { Notice } from '~/ui/notice';

/** Tells whoever asks for a key or gets one that it cannot work yet; nothing for a tool that is connected. */
export function NotConnected({ tool }: { tool: Pick<ToolForMember, 'displayName' | 'connected'> }) {
  if (tool.connected) return null;
  return (
    <Notice tone="wait">
      {tool.displayName} is not connected yet. An admin still has to set its credential; the key works from
      then on.
    </Notice>
  );
}

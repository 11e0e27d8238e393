import type { ToolForMember } from '~/tools/tools.schema';
import { Notice } from '~/ui/notice';

/** Warns that keys of this tool don't work yet; nothing for a connected tool. */
export function NotConnected({ tool }: { tool: Pick<ToolForMember, 'displayName' | 'connected'> }) {
  if (tool.connected) return null;
  return (
    <Notice tone="wait">
      {tool.displayName} is not connected yet. Keys work after an admin adds its credential.
    </Notice>
  );
}

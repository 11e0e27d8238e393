import type { ToolForMember } from '~/tools/tools.schema';
import { Badge } from '~/ui/badge';
import { DialogLinkButton } from '~/ui/button';
import { ToolAvatar } from '~/ui/tool-avatar';

type AvailableTool = Pick<ToolForMember, 'slug' | 'displayName' | 'requiresApproval' | 'connected'>;

interface AvailableToolsProps {
  tools: AvailableTool[];
  /** The ID of the heading that labels the list. */
  label: string;
  /** The list's filters, kept through the drawer. */
  filters: [name: string, value: string][];
}

/** The tools a member can request, each with a button that opens the request drawer. */
export function AvailableTools({ tools, label, filters }: AvailableToolsProps) {
  return (
    <ul aria-labelledby={label} data-list>
      {tools.map(({ slug, displayName, requiresApproval, connected }) => (
        <li
          key={slug}
          data-tool={slug}
          data-row
          className="flex items-center gap-3 border-b border-line px-4 py-3 last:border-b-0"
        >
          <ToolAvatar name={displayName} />
          <div className="min-w-0 flex-1">
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <span className="min-w-0 font-medium wrap-anywhere">{displayName}</span>
              {requiresApproval ? <Badge tone="wait">Requires approval</Badge> : null}
              {connected ? null : <Badge>Not connected yet</Badge>}
            </p>
            <p className="truncate font-mono text-xs text-muted">{slug}</p>
          </div>
          <DialogLinkButton to={`/me/ai-keys/request/${slug}`} fields={filters} data-shortcut="n">
            Request<span className="sr-only"> {displayName}</span>
          </DialogLinkButton>
        </li>
      ))}
    </ul>
  );
}

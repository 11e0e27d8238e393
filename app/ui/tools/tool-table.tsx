import { Link, useSearchParams } from '@remix-run/react';
import type { ToolView } from '~/tools/tools.schema';
import { Badge } from '~/ui/badge';
import { LabelledCell, StackingTable } from '~/ui/table';
import { ToolAvatar } from '~/ui/tool-avatar';
import { TOOLS } from '~/ui/tools/tools-params';

export function ToolTable({ tools }: { tools: ToolView[] }) {
  return (
    <StackingTable aria-label="Tools" headings={['Tool', 'Connection', 'Upstream', 'Live keys']} data-list>
      {tools.map((tool) => (
        <ToolRow key={tool.id} tool={tool} />
      ))}
    </StackingTable>
  );
}

const CELL = 'mr-2 inline-block px-4 pt-1.5 md:mr-0';

function ToolRow({ tool }: { tool: ToolView }) {
  const [params] = useSearchParams();
  const archived = tool.archivedAt !== null;
  return (
    <tr
      role="row"
      data-tool={tool.slug}
      data-row
      className="relative block border-b border-line py-3 last:border-b-0 hover:bg-sunken md:table-row md:py-0"
    >
      <td role="cell" className="block px-4 md:table-cell md:py-3 md:align-top">
        <div className="flex items-start gap-3">
          <ToolAvatar name={tool.displayName} />
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              {/* The link covers the whole row. */}
              <Link
                to={TOOLS.childHref(tool.slug, params)}
                preventScrollReset
                className={`min-w-0 font-medium wrap-anywhere after:absolute after:inset-0 ${archived ? 'text-muted' : ''}`}
              >
                {tool.displayName}
              </Link>
              {archived ? <Badge>archived</Badge> : null}
              {tool.requiresApproval ? <Badge tone="wait">Requires approval</Badge> : null}
            </p>
            <p className="font-mono text-xs break-all text-muted">{tool.slug}</p>
          </div>
        </div>
      </td>
      <LabelledCell label="Connection" className={`${CELL} md:whitespace-nowrap`}>
        <Connection tool={tool} />
      </LabelledCell>
      <LabelledCell label="Upstream" className={CELL}>
        <span className="font-mono text-xs break-all">{hostOf(tool.upstreamUrl)}</span>
      </LabelledCell>
      <LabelledCell label="Live keys" className={CELL}>
        {tool.liveKeys.toLocaleString('en')}
      </LabelledCell>
    </tr>
  );
}

/** Whether calls to the tool can reach its upstream. */
export function Connection({ tool }: { tool: ToolView }) {
  if (tool.upstreamUrl === null) return <Badge>Built in</Badge>;
  if (tool.credential !== null) return <Badge tone="good">Credential set</Badge>;
  return tool.needsCredential ? (
    <Badge tone="wait">No credential</Badge>
  ) : (
    <Badge>No credential needed</Badge>
  );
}

const hostOf = (url: string | null): string => (url === null ? 'this server' : new URL(url).host);

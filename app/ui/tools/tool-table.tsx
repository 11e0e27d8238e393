import { useSearchParams } from '@remix-run/react';
import type { ToolView } from '~/tools/tools.schema';
import { Badge } from '~/ui/badge';
import { LinkTable } from '~/ui/link-table';
import { ToolAvatar } from '~/ui/tool-avatar';
import { TOOLS } from './tools-params';

export function ToolTable({ tools }: { tools: ToolView[] }) {
  const [params] = useSearchParams();
  return (
    <LinkTable
      label="Tools"
      heading="Tool"
      rows={tools}
      linkRow={({ slug, displayName, archivedAt, requiresApproval }) => ({
        id: slug,
        to: TOOLS.childHref(slug, params),
        title: displayName,
        badges: (
          <>
            {archivedAt === null ? null : <Badge>archived</Badge>}
            {requiresApproval ? <Badge tone="wait">Requires approval</Badge> : null}
          </>
        ),
        subtitle: <span className="font-mono text-xs">{slug}</span>,
        avatar: <ToolAvatar name={displayName} />,
        inactive: archivedAt !== null,
      })}
      columns={[
        ['Connection', (tool) => <Connection tool={tool} />],
        [
          'Upstream',
          ({ upstreamUrl }) => (
            <span className="font-mono text-xs break-all whitespace-normal">
              {upstreamUrl === null ? 'this server' : new URL(upstreamUrl).host}
            </span>
          ),
        ],
        ['Live keys', ({ liveKeys }) => liveKeys.toLocaleString('en')],
      ]}
    />
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

import { Link, useLocation } from '@remix-run/react';
import type { ReactNode } from 'react';
import { Pill } from '~/components/pill';
import { ToolMark } from '~/components/tool-mark';
import type { ToolView } from './tool-types';

/** The catalogue. Narrow screens stack each row; the roles keep it a table to screen readers. */
export function ToolTable({ tools }: { tools: ToolView[] }) {
  return (
    <table role="table" aria-label="Tools" className="block w-full text-sm md:table">
      <thead role="rowgroup" className="hidden md:table-header-group">
        <tr role="row" className="border-b border-line text-left text-xs text-muted">
          {['Tool', 'Connection', 'Upstream', 'Live keys'].map((heading) => (
            <th key={heading} role="columnheader" scope="col" className="px-4 py-2 font-medium">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" className="block md:table-row-group">
        {tools.map((tool) => (
          <ToolRow key={tool.id} tool={tool} />
        ))}
      </tbody>
    </table>
  );
}

const CELL = 'px-4 md:table-cell md:py-3 md:align-top';

function ToolRow({ tool }: { tool: ToolView }) {
  const { search } = useLocation();
  const archived = tool.archivedAt !== null;
  return (
    <tr
      role="row"
      data-tool={tool.slug}
      className="relative block border-b border-line py-3 last:border-b-0 hover:bg-sunken md:table-row md:py-0"
    >
      <td role="cell" className={`${CELL} block`}>
        <div className="flex items-start gap-3">
          <ToolMark name={tool.displayName} />
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              {/* The link's area is the whole row. */}
              <Link
                to={{ pathname: `/admin/ai/tools/${tool.slug}`, search }}
                preventScrollReset
                className={`font-medium break-words after:absolute after:inset-0 ${archived ? 'text-muted' : ''}`}
              >
                {tool.displayName}
              </Link>
              {archived ? <Pill>archived</Pill> : null}
              {tool.requiresApproval ? <Pill tone="wait">Requires approval</Pill> : null}
            </p>
            <p className="font-mono text-xs break-all text-muted">{tool.slug}</p>
          </div>
        </div>
      </td>
      <Fact label="Connection">
        <Connection tool={tool} />
      </Fact>
      <Fact label="Upstream">
        <span className="font-mono text-xs break-all">{hostOf(tool.upstreamUrl)}</span>
      </Fact>
      <Fact label="Live keys">{tool.liveKeys.toLocaleString('en')}</Fact>
    </tr>
  );
}

/** Whether the tool's keys can work, in a word. */
export function Connection({ tool }: { tool: ToolView }) {
  if (tool.upstreamUrl === null) return <Pill>Built in</Pill>;
  if (tool.credential !== null) return <Pill tone="good">Credential set</Pill>;
  return tool.needsCredential ? <Pill tone="wait">No credential</Pill> : <Pill>No credential needed</Pill>;
}

const hostOf = (url: string | null): string => (url === null ? 'this server' : new URL(url).host);

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <td role="cell" className={`${CELL} mr-2 inline-block pt-1.5 text-muted md:mr-0`}>
      <span className="md:hidden">{label}: </span>
      {children}
    </td>
  );
}

import { Link } from '@remix-run/react';
import type { ConnectionTest, ToolView } from '~/tools/tools.schema';
import { DialogLinkButton } from '~/ui/button';
import { DescriptionList, Group, IntentButton } from '~/ui/description-list';
import { useFocusOnError } from '~/ui/form';
import { FormError, Notice } from '~/ui/notice';
import { Time } from '~/ui/time';
import { Connection } from './tool-table';

interface ToolDetailsProps {
  tool: ToolView;
  now: number;
  /** What came of the connection test that was just asked for. */
  tested: ConnectionTest | undefined;
  refused: { ok: false; message: string } | undefined;
  /** What has just been done, as the URL says after a form. */
  done: string | null;
  /** The list's filters, kept through the dialogs. */
  kept: [name: string, value: string][];
}

const DONE: Record<string, string> = {
  created: 'The tool is in the catalogue. Members see it under Available tools.',
  updated: 'The changes are saved. They count from the next call on.',
  credential:
    'The credential is sealed and set. Nobody can read it back; test the connection to see that it works.',
  'credential-removed':
    'The credential is gone. Calls to this tool are answered 503 until another one is set.',
  required: 'Production keys of this tool now need an admin’s approval.',
  waived: 'Production keys of this tool are now issued at once.',
  archived: 'The tool is archived: hidden from members, its keys stopped.',
  restored: 'The tool is back, and its keys work again.',
};

/** One tool in the drawer: how it is connected, and what an admin can do about it. */
export function ToolDetails({ tool, now, tested, refused, done, kept }: ToolDetailsProps) {
  const drawer = useFocusOnError<HTMLDivElement>(refused);
  const notice = done === null ? undefined : DONE[done];
  const to = (page: string) => `/admin/ai/tools/${tool.slug}/${page}`;
  return (
    <div ref={drawer} className="grid gap-6">
      {notice && !refused && !tested ? (
        <Notice tone="good" announce>
          {notice}
        </Notice>
      ) : null}
      <FormError result={refused} />
      <ToolFacts tool={tool} now={now} />
      {tool.upstreamUrl === null ? null : (
        <CredentialGroup tool={tool} now={now} tested={tested} kept={kept} />
      )}
      <Group
        title="Approval"
        note={
          tool.requiresApproval
            ? 'An admin decides on each request for a production key.'
            : 'Production keys are issued at once, as all others.'
        }
      >
        <IntentButton intent={tool.requiresApproval ? 'waive' : 'require'}>
          {tool.requiresApproval ? 'Waive approval' : 'Require approval'}
        </IntentButton>
      </Group>
      <Group title="Settings" note="Name, slug, upstream, dialect, limits.">
        <DialogLinkButton to={to('edit')} fields={kept}>
          Edit
        </DialogLinkButton>
      </Group>
      {tool.archivedAt === null ? (
        <Group
          title="Archive"
          note="Hides the tool from members and stops its keys at the gateway. It can be restored."
        >
          <DialogLinkButton to={to('archive')} fields={kept}>
            Archive…
          </DialogLinkButton>
        </Group>
      ) : (
        <Group title="Restore" note="Shows the tool to members again; its keys that were active work again.">
          <IntentButton intent="restore">Restore</IntentButton>
        </Group>
      )}
    </div>
  );
}

function CredentialGroup({
  tool,
  now,
  tested,
  kept,
}: Pick<ToolDetailsProps, 'tool' | 'now' | 'tested' | 'kept'>) {
  const { credential } = tool;
  const note =
    credential === null ? (
      tool.needsCredential ? (
        'None is set: calls are answered 503.'
      ) : (
        'None is set, and none is needed.'
      )
    ) : (
      <>
        Set <Time at={credential.setAt} now={now} /> by {credential.setBy}. It is sealed: nobody can read it
        back.
      </>
    );
  const to = (page: string) => `/admin/ai/tools/${tool.slug}/${page}`;
  return (
    <Group title="Provider credential" note={note}>
      <div className="flex flex-wrap gap-2">
        <DialogLinkButton
          to={to('credential')}
          fields={kept}
          variant={tool.connected ? 'secondary' : 'primary'}
        >
          {credential === null ? 'Set credential' : 'Replace'}
        </DialogLinkButton>
        {credential === null ? null : (
          <DialogLinkButton to={to('credential/remove')} fields={kept}>
            Remove…
          </DialogLinkButton>
        )}
        {tool.connected ? <IntentButton intent="test">Test connection</IntentButton> : null}
      </div>
      {tested ? <Tested result={tested} /> : null}
    </Group>
  );
}

function Tested({ result }: { result: ConnectionTest }) {
  const status = result.status === null ? 'No answer' : `Status ${result.status}`;
  return (
    <div className="w-full" data-connection-test={result.ok ? 'ok' : 'failed'}>
      <Notice tone={result.ok ? 'good' : 'problem'} announce>
        <p>{result.message}</p>
        <p className="text-muted">
          {status}, {result.ms.toLocaleString('en')} ms
        </p>
      </Notice>
    </div>
  );
}

function ToolFacts({ tool, now }: { tool: ToolView; now: number }) {
  return (
    <DescriptionList>
      <dt>Connection</dt>
      <dd>
        <Connection tool={tool} />
      </dd>
      <dt>Upstream</dt>
      <dd className="font-mono text-xs leading-5 break-all">{tool.upstreamUrl ?? 'this server'}</dd>
      <dt>Dialect</dt>
      <dd>{tool.dialect}</dd>
      {tool.dialect === 'generic' && tool.credentialHeader ? (
        <>
          <dt>Credential header</dt>
          <dd className="font-mono text-xs leading-5 break-all">{tool.credentialHeader}</dd>
        </>
      ) : null}
      <dt>Clients call</dt>
      <dd className="font-mono text-xs leading-5 break-all">
        /gateway/{tool.slug}
        {tool.clientPath}
      </dd>
      <dt>Live keys</dt>
      <dd>
        {tool.liveKeys.toLocaleString('en')}{' '}
        <Link to={`/admin/ai/keys?q=${tool.slug}&status=live`} className="text-accent hover:underline">
          Show them
        </Link>
      </dd>
      <dt>Added</dt>
      <dd>
        <Time at={tool.createdAt} now={now} />
      </dd>
      {tool.archivedAt === null ? null : (
        <>
          <dt>Archived</dt>
          <dd>
            <Time at={tool.archivedAt} now={now} />
          </dd>
        </>
      )}
    </DescriptionList>
  );
}

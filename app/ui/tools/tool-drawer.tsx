import { Link, useSearchParams } from '@remix-run/react';
import type { ConnectionTest, ToolView } from '~/tools/tools.schema';
import { DialogLinkButton } from '~/ui/button';
import { ActionGroup, Code, DetailDrawer, IntentButton, IntentSwitch } from '~/ui/detail-drawer';
import { Notice } from '~/ui/notice';
import { Time } from '~/ui/time';
import { TOOLS } from '~/ui/tools/tools-params';
import { DIALECT_LABELS } from './tool-fields';
import { Connection } from './tool-table';

interface ToolDrawerProps {
  tool: ToolView;
  now: number;
  /** The result of the connection test that was just run. */
  connectionTest: ConnectionTest | undefined;
  error: { ok: false; message: string } | undefined;
}

/** One tool: how it is connected, and what an admin can do. */
export function ToolDrawer({ tool, now, connectionTest, error }: ToolDrawerProps) {
  const [params] = useSearchParams();
  const fields = TOOLS.fields(params);
  const to = (page: string) => `${TOOLS.path}/${tool.slug}/${page}`;
  return (
    <DetailDrawer
      title={tool.displayName}
      description={<span className="font-mono">{tool.slug}</span>}
      backTo={TOOLS.href(params)}
      error={error}
      facts={{
        Connection: <Connection tool={tool} />,
        Upstream: tool.upstreamUrl === null ? 'This server' : <Code>{tool.upstreamUrl}</Code>,
        'API format': DIALECT_LABELS[tool.dialect],
        'Credential header': tool.dialect === 'generic' && tool.credentialHeader && (
          <Code>{tool.credentialHeader}</Code>
        ),
        'Base URL': (
          <Code>
            /gateway/{tool.slug}
            {tool.clientPath}
          </Code>
        ),
        'Live keys': (
          <>
            {tool.liveKeys.toLocaleString('en')}{' '}
            <Link to={`/admin/ai/keys?q=${tool.slug}&status=live`} className="text-accent hover:underline">
              View keys
            </Link>
          </>
        ),
        Added: <Time at={tool.createdAt} now={now} />,
        Archived: tool.archivedAt !== null && <Time at={tool.archivedAt} now={now} />,
      }}
    >
      {tool.upstreamUrl === null ? null : (
        <CredentialActions tool={tool} now={now} connectionTest={connectionTest} fields={fields} to={to} />
      )}
      <ActionGroup
        title="Approval"
        note="Development and staging keys are always issued immediately. Existing keys don’t change."
      >
        <IntentSwitch
          intent={tool.requiresApproval ? 'waive-approval' : 'require-approval'}
          checked={tool.requiresApproval}
        >
          Require approval for production keys
        </IntentSwitch>
      </ActionGroup>
      <ActionGroup title="Settings" note="Name, slug, upstream, API format, limits.">
        <DialogLinkButton to={to('edit')} fields={fields}>
          Edit
        </DialogLinkButton>
      </ActionGroup>
      {tool.archivedAt === null ? (
        <ActionGroup
          title="Archive"
          note="Hides the tool from members and stops its keys. You can restore it later."
        >
          <DialogLinkButton to={to('archive')} fields={fields}>
            Archive…
          </DialogLinkButton>
        </ActionGroup>
      ) : (
        <ActionGroup title="Restore" note="Members see the tool again, and its active keys work again.">
          <IntentButton intent="restore">Restore</IntentButton>
        </ActionGroup>
      )}
    </DetailDrawer>
  );
}

interface CredentialActionsProps extends Pick<ToolDrawerProps, 'tool' | 'now' | 'connectionTest'> {
  to: (page: string) => string;
  fields: [name: string, value: string][];
}

function CredentialActions({ tool, now, connectionTest, to, fields }: CredentialActionsProps) {
  const { credential } = tool;
  return (
    <ActionGroup title="Provider credential" note={<CredentialNote tool={tool} now={now} />}>
      <div className="flex flex-wrap gap-2">
        <DialogLinkButton
          to={to('credential')}
          fields={fields}
          variant={tool.connected ? 'secondary' : 'primary'}
        >
          {credential === null ? 'Set credential' : 'Replace'}
        </DialogLinkButton>
        {credential === null ? null : (
          <DialogLinkButton to={to('credential/remove')} fields={fields}>
            Remove…
          </DialogLinkButton>
        )}
        {tool.connected ? <IntentButton intent="test">Test connection</IntentButton> : null}
      </div>
      {connectionTest ? <ConnectionTestResult result={connectionTest} /> : null}
    </ActionGroup>
  );
}

function CredentialNote({ tool, now }: Pick<ToolDrawerProps, 'tool' | 'now'>) {
  const { credential, needsCredential } = tool;
  if (credential !== null) {
    return (
      <>
        Set <Time at={credential.setAt} now={now} /> by {credential.setBy}. Stored encrypted; it can’t be read
        back.
      </>
    );
  }
  return needsCredential ? 'Not set. Calls fail with 503 until you add one.' : 'Not set, and not needed.';
}

function ConnectionTestResult({ result }: { result: ConnectionTest }) {
  const status = result.status === null ? 'No response' : `Status ${result.status}`;
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

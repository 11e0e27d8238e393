import { useBlocker } from '@remix-run/react';
import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { KeyView } from '~/keys/keys.schema';
import type { SnippetTool } from '~/tools/client-snippet-parts';
import { clientSnippets } from '~/tools/client-snippets';
import type { ToolForMember } from '~/tools/tools.schema';
import { EnvironmentBadge } from '~/ui/badge';
import { Button, DialogLinkButton } from '~/ui/button';
import { CopyButton } from '~/ui/copy';
import { OneTimeModal } from '~/ui/dialogs';
import { Notice } from '~/ui/notice';
import { ClientSnippetTabs } from '~/ui/tools/client-snippet-tabs';
import { NotConnected } from '~/ui/tools/not-connected';
import { useHydrated } from '~/ui/use-hydrated';

interface RevealModalProps {
  rawKey: string;
  apiKey: KeyView;
  tool: SnippetTool & Pick<ToolForMember, 'connected'>;
  /** The server's public URL, for the client settings. */
  origin: string;
  title?: string;
  /** Where *I have saved the key* leads. */
  backTo?: string;
}

/**
 * Shows a raw key, once. It exists only in this navigation's action data, so leaving the page drops it. A click outside,
 * Escape and the browser's Back don't close the modal before the key was copied or confirmed as saved.
 */
export function RevealModal({
  rawKey,
  apiKey,
  tool,
  origin,
  title = `Your ${apiKey.tool.displayName} key`,
  backTo = '/me/ai-keys',
}: RevealModalProps) {
  const shown = useRef<HTMLElement>(null);
  const hydrated = useHydrated();
  const [copied, setCopied] = useState(false);
  const confirmed = useRef(false);
  const blocker = useBlocker(() => !copied && !confirmed.current);

  useEffect(() => {
    if (copied) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [copied]);

  const [pathname = '', search] = backTo.split('?');
  const snippets = clientSnippets({ origin, tool, key: rawKey });
  return (
    <OneTimeModal
      title={title}
      description="The key is shown only once. Copy or download it now: not even an admin can show it again."
    >
      <div className="grid gap-5">
        <NotConnected tool={tool} />
        <div className="grid gap-3 rounded-md border border-line bg-canvas p-3">
          <p className="flex flex-wrap items-center gap-2 text-sm">
            <EnvironmentBadge environment={apiKey.environment} />
            <span className="text-muted">
              Prefix <span className="font-mono">{apiKey.prefix}…</span>
            </span>
          </p>
          <code ref={shown} className="block font-mono text-sm break-all select-all" data-raw-key>
            {rawKey}
          </code>
          {/* Without JavaScript the key is selected and copied by hand. */}
          {hydrated ? (
            <div className="flex flex-wrap items-start gap-2">
              <CopyButton
                text={rawKey}
                label="Copy key"
                variant="primary"
                source={shown}
                onCopied={() => setCopied(true)}
              />
              <DownloadButton snippets={snippets} slug={apiKey.tool.slug} onSaved={() => setCopied(true)} />
            </div>
          ) : null}
        </div>
        <section aria-labelledby="use-it" className="grid min-w-0 gap-2">
          <h3 id="use-it" className="text-sm font-semibold">
            Use it
          </h3>
          <ClientSnippetTabs settings={snippets} onCopied={() => setCopied(true)} />
        </section>
        {blocker.state === 'blocked' ? (
          <Notice tone="wait" announce>
            Copy the key first, or confirm that you saved it. It can’t be shown again.
          </Notice>
        ) : null}
        <div className="flex justify-end border-t border-line pt-4">
          <DialogLinkButton
            to={pathname}
            fields={[...new URLSearchParams(search)]}
            onNavigate={() => {
              confirmed.current = true;
            }}
          >
            I have saved the key
          </DialogLinkButton>
        </div>
      </div>
    </OneTimeModal>
  );
}

/** Downloads the `.env` lines. The file is made in the browser, so that the key isn't sent a second time. */
function DownloadButton({
  snippets,
  slug,
  onSaved,
}: {
  snippets: ReturnType<typeof clientSnippets>;
  slug: string;
  onSaved: () => void;
}) {
  const env = snippets.find(({ id }) => id === 'env');
  if (env === undefined) return null;
  function download(text: string) {
    const url = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
    const link = Object.assign(document.createElement('a'), { href: url, download: `${slug}.env` });
    link.click();
    URL.revokeObjectURL(url);
    onSaved();
  }
  return (
    <Button type="button" onClick={() => download(env.text)}>
      <Download aria-hidden className="size-4" />
      Download .env
    </Button>
  );
}

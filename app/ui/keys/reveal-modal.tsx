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
  held: KeyView;
  tool: SnippetTool & Pick<ToolForMember, 'connected'>;
  /** The server's public address, for the settings. */
  origin: string;
  title?: string;
  /** Where *I have saved the key* leads. */
  backTo?: string;
}

/**
 * The one showing of a raw key. The key lives in this navigation's action data alone; leaving drops it. Neither
 * a click outside nor Escape, nor the browser's Back, leaves before the key was copied or the person says so.
 */
export function RevealModal({
  rawKey,
  held,
  tool,
  origin,
  title = `Your ${held.tool.displayName} key`,
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
  const settings = clientSnippets({ origin, tool, key: rawKey });
  return (
    <OneTimeModal
      title={title}
      description="This is the only time the key is shown. Copy it now, or download it: nobody can show it again, not even an admin."
    >
      <div className="grid gap-5">
        <NotConnected tool={tool} />
        <div className="grid gap-3 rounded-md border border-line bg-canvas p-3">
          <p className="flex flex-wrap items-center gap-2 text-sm">
            <EnvironmentBadge environment={held.environment} />
            <span className="text-muted">
              Shown from now on as <span className="font-mono">{held.prefix}…</span>
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
                shown={shown}
                onCopied={() => setCopied(true)}
              />
              <DownloadButton settings={settings} slug={held.tool.slug} onSaved={() => setCopied(true)} />
            </div>
          ) : null}
        </div>
        <section aria-labelledby="use-it" className="grid min-w-0 gap-2">
          <h3 id="use-it" className="text-sm font-semibold">
            Use it
          </h3>
          <ClientSnippetTabs settings={settings} onCopied={() => setCopied(true)} />
        </section>
        {blocker.state === 'blocked' ? (
          <Notice tone="wait" announce>
            Copy the key first, or say that you have saved it: once this closes it cannot be shown again.
          </Notice>
        ) : null}
        <div className="flex justify-end border-t border-line pt-4">
          <DialogLinkButton
            to={pathname}
            fields={[...new URLSearchParams(search)]}
            onGo={() => {
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

/** The `.env` lines as a file, made in the browser: the key takes no second way over the network. */
function DownloadButton({
  settings,
  slug,
  onSaved,
}: {
  settings: ReturnType<typeof clientSnippets>;
  slug: string;
  onSaved: () => void;
}) {
  const env = settings.find(({ id }) => id === 'env');
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

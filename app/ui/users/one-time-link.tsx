import { useRef } from 'react';
import { isLoopbackOrigin } from '~/net/loopback-origin';
import { LinkButton } from '~/ui/button';
import { CopyButton } from '~/ui/copy';
import { OneTimeModal } from '~/ui/dialogs';
import { Notice } from '~/ui/notice';

interface OneTimeLinkProps {
  /** What the link does for the person who opens it, and how long it works. */
  description: string;
  url: string;
  backTo: string;
}

/** A link for an admin to send, shown once. */
export function OneTimeLink({ description, url, backTo }: OneTimeLinkProps) {
  const shown = useRef<HTMLElement>(null);
  return (
    <OneTimeModal title="Send this link" description={description}>
      <div className="grid gap-4">
        <code
          ref={shown}
          className="block rounded-md border border-line bg-sunken px-3 py-2.5 font-mono text-sm break-all select-all"
        >
          {url}
        </code>
        <div className="flex flex-wrap items-center justify-between gap-2">
          <CopyButton text={url} label="Copy link" source={shown} variant="primary" />
          <LinkButton to={backTo} preventScrollReset>
            Done
          </LinkButton>
        </div>
      </div>
    </OneTimeModal>
  );
}

/** Warns before a link is created that would point the recipient at their own machine. */
export function LoopbackLinkNotice({ origin }: { origin: string }) {
  if (!isLoopbackOrigin(origin)) return null;
  return (
    <Notice tone="wait">
      Links start with <code className="break-all">{origin}</code>, which only works on this machine. To reach
      other people, restart the server with ORIGIN set to its public address.
    </Notice>
  );
}

import { useRef } from 'react';
import { isLoopbackOrigin } from '~/net/loopback-origin';
import { LinkButton } from '~/ui/button';
import { CopyButton } from '~/ui/copy';
import { OneTimeModal } from '~/ui/dialogs';
import { Notice } from '~/ui/notice';

/** A link to hand over that is shown this once; `description` says what whoever opens it can do. */
export function OneTimeLink({
  description,
  url,
  backTo,
}: {
  description: string;
  url: string;
  backTo: string;
}) {
  const shown = useRef<HTMLElement>(null);
  return (
    <OneTimeModal title="Hand this link over" description={description}>
      <div className="grid gap-4">
        <code
          ref={shown}
          className="block rounded-md border border-line bg-sunken px-3 py-2.5 font-mono text-sm break-all select-all"
        >
          {url}
        </code>
        <div className="flex flex-wrap items-center justify-between gap-2">
          <CopyButton text={url} label="Copy link" shown={shown} variant="primary" />
          <LinkButton to={backTo} preventScrollReset>
            Done
          </LinkButton>
        </div>
      </div>
    </OneTimeModal>
  );
}

/** Said before a link is made that would lead whoever gets it to their own machine; `then` is what to do after. */
export function LeadsNowhere({ origin, then }: { origin: string; then: string }) {
  if (!isLoopbackOrigin(origin)) return null;
  return (
    <Notice tone="wait">
      The link begins with <code className="break-all">{origin}</code>, which leads nowhere from another
      machine. Start the server with ORIGIN set to the address that others reach it by, and then {then}.
    </Notice>
  );
}

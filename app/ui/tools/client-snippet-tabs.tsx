import * as Tabs from '@radix-ui/react-tabs';
import { useRef } from 'react';
import type { ClientSnippet } from '~/tools/client-snippet-parts';
import { CopyButton } from '~/ui/copy';
import { useHydrated } from '~/ui/use-hydrated';

interface ClientSnippetTabsProps {
  settings: ClientSnippet[];
  onCopied?: () => void;
}

/** Ready-to-paste settings, one tab per client; without JavaScript one below the other. */
export function ClientSnippetTabs({ settings, onCopied }: ClientSnippetTabsProps) {
  const hydrated = useHydrated();
  const [first] = settings;
  if (first === undefined) return null;
  if (!hydrated) {
    return (
      <div className="grid gap-3">
        {settings.map((setting) => (
          <div key={setting.id} className="grid gap-1">
            <h4 className="text-sm font-medium">{setting.label}</h4>
            <Snippet setting={setting} />
          </div>
        ))}
      </div>
    );
  }
  return (
    <Tabs.Root defaultValue={first.id} className="grid min-w-0 gap-2">
      <Tabs.List aria-label="Client" className="flex flex-wrap gap-x-1 border-b border-line">
        {settings.map(({ id, label }) => (
          <Tabs.Trigger
            key={id}
            value={id}
            className="-mb-px min-h-9 border-b-2 border-transparent px-2.5 text-sm text-muted hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {label}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {settings.map((setting) => (
        <Tabs.Content key={setting.id} value={setting.id} className="min-w-0">
          <Snippet setting={setting} onCopied={onCopied} />
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

function Snippet({ setting, onCopied }: { setting: ClientSnippet; onCopied?: () => void }) {
  const shown = useRef<HTMLElement>(null);
  return (
    <div className="grid min-w-0 gap-2">
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must reach what it has to scroll (WCAG 2.1.1).
        tabIndex={0}
        className="max-h-64 overflow-auto rounded-md border border-line bg-canvas p-3 text-xs leading-5"
      >
        <code ref={shown} className="font-mono">
          {setting.text}
        </code>
      </pre>
      <CopyButton text={setting.text} label={`Copy ${setting.label}`} source={shown} onCopied={onCopied} />
    </div>
  );
}

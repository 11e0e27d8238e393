import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { useOrigin } from '~/routes/app-layout';
import { clientSnippets } from '~/tools/client-snippets';
import { Drawer } from '~/ui/dialogs';
import { OWN_KEYS } from '~/ui/keys/own-keys-params';
import { ClientSnippetTabs } from '~/ui/tools/client-snippet-tabs';
import { NotConnected } from '~/ui/tools/not-connected';

export const meta: MetaFunction = () => [{ title: 'Use a key · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return load(args, async (api) => {
    const apiKey = await api.keys.get({ keyId: args.params.keyId ?? '' });
    return { apiKey, tool: await api.tools.forSettings({ tool: apiKey.tool.slug }) };
  });
}

const PLACEHOLDER = '<your-key>';

/** Client settings for a key that was revealed before. The raw key isn't stored, so they contain a placeholder. */
export default function UseKey() {
  const { apiKey, tool } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const snippets = clientSnippets({ origin: useOrigin(), tool, key: PLACEHOLDER });
  return (
    <Drawer
      title={`Use your ${apiKey.tool.displayName} key`}
      description={
        <>
          Replace <span className="font-mono">{PLACEHOLDER}</span> with your {apiKey.environment} key
          {apiKey.prefix === null ? null : <span className="font-mono">{` ${apiKey.prefix}…`}</span>}.
        </>
      }
      backTo={OWN_KEYS.href(params)}
    >
      <div className="grid gap-5">
        <NotConnected tool={tool} />
        <ClientSnippetTabs settings={snippets} />
      </div>
    </Drawer>
  );
}

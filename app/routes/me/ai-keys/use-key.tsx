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
    const held = await api.keys.get({ keyId: args.params.keyId ?? '' });
    return { held, tool: await api.tools.forSettings({ tool: held.tool.slug }) };
  });
}

/** What to paste where, for a key that was revealed before: with a stand-in for the raw key, which nobody has. */
export default function KeySettings() {
  const { held, tool } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const settings = clientSnippets({ origin: useOrigin(), tool, key: `${held.prefix ?? 'your-key'}…` });
  return (
    <Drawer
      title={`Use your ${held.tool.displayName} key`}
      description={`Put the ${held.environment} key where it says ${held.prefix ?? 'your-key'}…`}
      backTo={OWN_KEYS.href(params)}
    >
      <div className="grid gap-5">
        <NotConnected tool={tool} />
        <ClientSnippetTabs settings={settings} />
      </div>
    </Drawer>
  );
}

import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { useOrigin } from '~/routes/app-layout';
import { ConfirmDialog } from '~/ui/confirm-dialog';
import { useStickyActionData } from '~/ui/form';
import { OWN_KEYS } from '~/ui/keys/own-keys-params';
import { RevealModal } from '~/ui/keys/reveal-modal';

export const meta: MetaFunction = () => [{ title: 'Reveal a key · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return load(args, async (api) => {
    const apiKey = await api.keys.get({ keyId: args.params.keyId ?? '' });
    return { apiKey, tool: await api.tools.forSettings({ tool: apiKey.tool.slug }) };
  });
}

export async function action(args: ActionFunctionArgs) {
  const result = await submit(args, (api) => api.keys.reveal({ keyId: args.params.keyId ?? '' }));
  if (!result.ok) return formErrorResponse(result, {});
  return { ok: true as const, ...result.value };
}

export default function RevealKey() {
  const { apiKey, tool } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const origin = useOrigin();
  const [params] = useSearchParams();
  const backTo = OWN_KEYS.href(params);

  if (result?.ok) {
    return (
      <RevealModal rawKey={result.rawKey} apiKey={result.key} tool={tool} origin={origin} backTo={backTo} />
    );
  }
  if (result !== undefined || apiKey.revealed || apiKey.status !== 'ACTIVE') {
    const reason = <p>It isn’t approved, or it was already revealed.</p>;
    return (
      <ConfirmDialog
        title="This key can’t be revealed"
        description={result === undefined ? reason : null}
        backTo={backTo}
        result={result}
      />
    );
  }
  return (
    <ConfirmDialog
      title={`Reveal your ${apiKey.tool.displayName} key?`}
      description={
        <p>The {apiKey.environment} key is shown only once. Have a safe place ready to store it.</p>
      }
      backTo={backTo}
      result={result}
      confirmLabel="Reveal key"
      variant="primary"
    />
  );
}

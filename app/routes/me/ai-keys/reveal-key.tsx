import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { useOrigin } from '~/routes/app-layout';
import { Button, LinkButton } from '~/ui/button';
import { ConfirmDialog, Drawer } from '~/ui/dialogs';
import { useStickyActionData, useSubmitting } from '~/ui/form';
import { OWN_KEYS } from '~/ui/keys/own-keys-params';
import { RevealModal } from '~/ui/keys/reveal-modal';
import { FormError } from '~/ui/notice';

export const meta: MetaFunction = () => [{ title: 'Reveal a key · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return load(args, async (api) => {
    const held = await api.keys.get({ keyId: args.params.keyId ?? '' });
    return { held, tool: await api.tools.forSettings({ tool: held.tool.slug }) };
  });
}

export async function action(args: ActionFunctionArgs) {
  const result = await submit(args, (api) => api.keys.reveal({ keyId: args.params.keyId ?? '' }));
  if (!result.ok) return formErrorResponse(result, {});
  return { ok: true as const, ...result.value };
}

export default function RevealKey() {
  const { held, tool } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const origin = useOrigin();
  const submitting = useSubmitting();
  const [params] = useSearchParams();
  const backTo = OWN_KEYS.href(params);

  if (result?.ok) {
    const { rawKey, key } = result;
    return <RevealModal rawKey={rawKey} held={key} tool={tool} origin={origin} backTo={backTo} />;
  }
  if (result !== undefined || held.revealed || held.status !== 'ACTIVE') {
    return (
      <Drawer title="This key can't be revealed" backTo={backTo}>
        <div className="grid justify-items-start gap-4">
          {result ? (
            <FormError result={result} />
          ) : (
            <p>Only an approved key that nobody has revealed yet can be.</p>
          )}
          <LinkButton to={backTo}>Back to your keys</LinkButton>
        </div>
      </Drawer>
    );
  }
  return (
    <ConfirmDialog
      title={`Reveal your ${held.tool.displayName} key?`}
      description={
        <p>The {held.environment} key is shown once. Have the place ready where you will keep it.</p>
      }
      backTo={backTo}
    >
      <Form method="post" preventScrollReset>
        <Button variant="primary" busy={submitting}>
          Reveal key
        </Button>
      </Form>
    </ConfirmDialog>
  );
}

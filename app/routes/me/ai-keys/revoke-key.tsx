import {
  type ActionFunctionArgs,
  data,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { load, submit } from '~/api/call-from-route.server';
import { EnvironmentBadge } from '~/ui/badge';
import { Button } from '~/ui/button';
import { ConfirmDialog } from '~/ui/dialogs';
import { TextField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { OWN_KEYS } from '~/ui/keys/own-keys-params';
import { needsTypedConfirmation } from '~/ui/keys/revoke-confirmation';
import { FormError } from '~/ui/notice';
import { Time } from '~/ui/time';

export const meta: MetaFunction = () => [{ title: 'Revoke a key · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const held = await load(args, (api) => api.keys.get({ keyId: args.params.keyId ?? '' }));
  return { held, now: args.context.trpc.app.now() };
}

export async function action(args: ActionFunctionArgs) {
  const keyId = args.params.keyId ?? '';
  const form = await args.request.formData();
  const held = await load(args, (api) => api.keys.get({ keyId }));
  const typed = String(form.get('confirmation') ?? '').trim();
  // A guard against haste, not a rule: whoever may revoke a key may do so through the API without it.
  if (needsTypedConfirmation(held, args.context.trpc.app.now()) && typed !== held.tool.slug) {
    const message = `The key was used lately. Type ${held.tool.slug} to confirm; nothing was revoked yet.`;
    return data(
      { ok: false as const, message, fields: { confirmation: `Type ${held.tool.slug} exactly.` } },
      { status: 400 },
    );
  }
  const result = await submit(args, (api) => api.keys.revoke({ keyId }));
  if (!result.ok)
    return data(
      { ok: false as const, message: result.message, fields: { confirmation: '' } },
      { status: result.status },
    );
  return redirect(OWN_KEYS.href(new URL(args.request.url).searchParams));
}

export default function RevokeKey() {
  const { held, now } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const submitting = useSubmitting();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Revoke the ${held.tool.displayName} key?`}
      description={
        <>
          <p className="flex flex-wrap items-center gap-2">
            <EnvironmentBadge environment={held.environment} />
            {held.prefix ? <span className="font-mono text-sm">{held.prefix}…</span> : 'Not revealed yet'}
          </p>
          <p>
            Last used: {held.lastUsedAt === null ? 'never' : <Time at={held.lastUsedAt} now={now} />}.
            Whatever uses this key stops working at once: there is no grace window, and a revoked key cannot
            be brought back.
          </p>
        </>
      }
      backTo={OWN_KEYS.href(params)}
    >
      <Form ref={form} method="post" preventScrollReset className="contents">
        <div className="order-first grid w-full gap-3 empty:hidden">
          <FormError result={result} />
          {needsTypedConfirmation(held, now) ? (
            <TextField
              label={
                <>
                  It is in use. Type <span className="font-mono">{held.tool.slug}</span> to confirm
                </>
              }
              name="confirmation"
              required
              error={result?.fields.confirmation}
            />
          ) : null}
        </div>
        <Button variant="danger" busy={submitting}>
          Revoke
        </Button>
      </Form>
    </ConfirmDialog>
  );
}

import { type ActionFunctionArgs, data, type MetaFunction } from '@remix-run/node';
import { Form, useSearchParams } from '@remix-run/react';
import { submit } from '~/api/call-from-route.server';
import type { AdminKeyView } from '~/keys/keys.schema';
import { EnvironmentBadge, StatusBadge } from '~/ui/badge';
import { Button, DialogLinkButton } from '~/ui/button';
import { Drawer } from '~/ui/dialogs';
import { TextField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { ALL_KEYS } from '~/ui/keys/all-keys-params';
import { Notice } from '~/ui/notice';
import { Time } from '~/ui/time';

export const meta: MetaFunction = () => [{ title: 'Look up a leaked key · My AI Keys' }];

/** What was pasted comes in the body, is hashed, and stands in no answer. */
export async function action(args: ActionFunctionArgs) {
  const rawKey = String((await args.request.formData()).get('rawKey') ?? '');
  const result = await submit(args, (api) => api.keys.findByRawKey({ rawKey }));
  const now = args.context.trpc.app.now();
  if (result.ok) return { ok: true as const, found: result.value, now };
  const { message, status, fields } = result;
  return data({ ok: false as const, problem: fields.rawKey ?? message }, { status });
}

export default function LookUpKey() {
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const submitting = useSubmitting();
  const [params] = useSearchParams();
  return (
    <Drawer
      title="Look up a leaked key"
      description="Whose is a key that turned up in a chat, a paste or a repository? It is found by its hash; what you paste is neither kept nor logged."
      backTo={ALL_KEYS.href(params)}
    >
      <div className="grid gap-5">
        {result?.ok ? <Found held={result.found} now={result.now} filters={ALL_KEYS.fields(params)} /> : null}
        <Form ref={form} method="post" preventScrollReset className="grid gap-4">
          <TextField
            key={result?.ok ? result.found.id : 'none'}
            label="Raw key"
            name="rawKey"
            required
            spellCheck={false}
            placeholder="aik_prod_…"
            error={result?.ok === false ? result.problem : undefined}
            hint="A whole line with the key in it will do."
            className="font-mono text-xs"
          />
          <Button variant="primary" busy={submitting} className="justify-self-start">
            Look up
          </Button>
        </Form>
      </div>
    </Drawer>
  );
}

interface FoundProps {
  held: AdminKeyView;
  now: number;
  filters: [name: string, value: string][];
}

function Found({ held, now, filters }: FoundProps) {
  return (
    <Notice tone={held.status === 'ACTIVE' ? 'wait' : 'good'} announce>
      <div className="grid gap-1.5">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <span className="min-w-0 wrap-anywhere">{held.tool.displayName}</span>{' '}
          <EnvironmentBadge environment={held.environment} />
          <StatusBadge status={held.status} />
        </p>
        <p className="wrap-anywhere">
          Held by {held.holder.name}, {held.holder.email ?? 'a service account'}, for “{held.purpose}”.
        </p>
        <p>
          <span className="font-mono text-xs">{held.prefix}…</span> · Last used:{' '}
          {held.lastUsedAt === null ? 'never' : <Time at={held.lastUsedAt} now={now} />}
        </p>
        {held.status === 'ACTIVE' ? (
          <div className="mt-1.5">
            <DialogLinkButton
              to="/admin/ai/keys/revoke"
              fields={[...filters, ['keyId', held.id]]}
              variant="danger"
            >
              Revoke it
            </DialogLinkButton>
          </div>
        ) : (
          <p>It is refused at the gateway already.</p>
        )}
      </div>
    </Notice>
  );
}

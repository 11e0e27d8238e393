import type { ActionFunctionArgs, MetaFunction } from '@remix-run/node';
import { useSearchParams } from '@remix-run/react';
import { formErrorResponse, submit } from '~/api/call-from-route.server';
import { readForm } from '~/api/read-form.server';
import { type AdminKeyView, rawKeyInput } from '~/keys/keys.schema';
import { EnvironmentBadge, StatusBadge } from '~/ui/badge';
import { DialogLinkButton } from '~/ui/button';
import { Drawer } from '~/ui/dialogs';
import { DrawerForm } from '~/ui/drawer-form';
import { TextField } from '~/ui/field';
import { useStickyActionData } from '~/ui/form';
import { ALL_KEYS } from '~/ui/keys/all-keys-params';
import { KeyEndNote } from '~/ui/keys/key-end-note';
import { Notice } from '~/ui/notice';
import { Time } from '~/ui/time';

export const meta: MetaFunction = () => [{ title: 'Look up a leaked key · My AI Keys' }];

/** The pasted key arrives in the body, so that no URL, history or log has it. The response leaves it out. */
export async function action(args: ActionFunctionArgs) {
  const { input, values } = await readForm(args.request, rawKeyInput);
  const result = await submit(args, (api) => api.keys.findByRawKey(input));
  if (!result.ok) return formErrorResponse(result, values);
  return { ok: true as const, found: result.value, now: args.context.trpc.app.now() };
}

export default function LookUpKey() {
  const result = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  return (
    <Drawer
      title="Look up a leaked key"
      description="Paste a key you found to see whose it is. Only its hash is looked up; nothing is stored or logged."
      backTo={ALL_KEYS.href(params)}
    >
      <div className="grid gap-5">
        {result?.ok ? <FoundKey apiKey={result.found} now={result.now} /> : null}
        <DrawerForm result={result} submitLabel="Look up" backTo={ALL_KEYS.href(params)}>
          <TextField
            key={result?.ok ? result.found.id : 'none'}
            label="Raw key"
            name="rawKey"
            required
            spellCheck={false}
            placeholder="aik_prod_…"
            error={result?.ok === false ? result.fields.rawKey : undefined}
            hint="You can paste a whole line that contains the key."
            className="font-mono text-xs"
          />
        </DrawerForm>
      </div>
    </Drawer>
  );
}

interface FoundKeyProps {
  apiKey: AdminKeyView;
  now: number;
}

function FoundKey({ apiKey, now }: FoundKeyProps) {
  const [params] = useSearchParams();
  const { tool, environment, status, holder, purpose, prefix, lastUsedAt, ended } = apiKey;
  return (
    <Notice tone={status === 'ACTIVE' ? 'wait' : 'good'} announce>
      <div className="grid gap-1.5">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <span className="min-w-0 wrap-anywhere">{tool.displayName}</span>{' '}
          <EnvironmentBadge environment={environment} />
          <StatusBadge status={status} />
        </p>
        <p className="wrap-anywhere">
          Belongs to {holder.name}, {holder.email ?? 'service account'}. Purpose: “{purpose}”
        </p>
        <p>
          <span className="font-mono text-xs">{prefix}…</span> · Last used:{' '}
          {lastUsedAt === null ? 'never' : <Time at={lastUsedAt} now={now} />}
        </p>
        {ended === null ? (
          <div className="mt-1.5">
            <DialogLinkButton
              to={`${ALL_KEYS.path}/revoke`}
              fields={[...ALL_KEYS.fields(params), ['keyId', apiKey.id]]}
              variant="danger"
            >
              Revoke key
            </DialogLinkButton>
          </div>
        ) : (
          <>
            <p>Already revoked.</p>
            <KeyEndNote ended={ended} now={now} holder="its holder" />
          </>
        )}
      </div>
    </Notice>
  );
}

import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { PURPOSE_LENGTH } from '~/core/limits';
import { requestKeyInput } from '~/keys/keys.schema';
import { useOrigin } from '~/routes/app-layout';
import { LinkButton } from '~/ui/button';
import { Drawer } from '~/ui/dialogs';
import { DrawerForm } from '~/ui/drawer-form';
import { SelectField, TextField } from '~/ui/field';
import { fieldProps } from '~/ui/field-props';
import { useStickyActionData } from '~/ui/form';
import { OWN_KEYS } from '~/ui/keys/own-keys-params';
import { RevealModal } from '~/ui/keys/reveal-modal';
import { Notice } from '~/ui/notice';
import { NotConnected } from '~/ui/tools/not-connected';
import type { Environment, KeyStatus } from '~db/schema/enums';

export const meta: MetaFunction = () => [{ title: 'Request a key · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return load(args, (api) => api.tools.forRequest({ tool: args.params.tool ?? '' }));
}

export async function action(args: ActionFunctionArgs) {
  const { input, values } = await readForm(args.request, requestKeyInput.omit({ tool: true }));
  const result = await submit(args, (api) => api.keys.request({ ...input, tool: args.params.tool ?? '' }));
  if (!result.ok) return formErrorResponse(result, values);
  if (result.value.outcome === 'issued') return { ok: true as const, ...result.value };
  const { tool, environment } = result.value.key;
  const message = `Request for a ${environment} key for ${tool.displayName} sent. This page updates when an admin decides.`;
  return await redirectWithFlash(args, OWN_KEYS.href(new URL(args.request.url).searchParams), message);
}

export default function RequestKey() {
  const { tool, environments } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const origin = useOrigin();
  const [params] = useSearchParams();
  const backTo = OWN_KEYS.href(params);

  if (result?.ok) {
    const { rawKey, key } = result;
    return <RevealModal rawKey={rawKey} apiKey={key} tool={tool} origin={origin} backTo={backTo} />;
  }

  const free = environments.filter(({ live }) => live === null);
  const wanted = result?.values.environment ?? params.get('environment');
  const preselected = free.find(({ environment }) => environment === wanted) ?? free[0];
  return (
    <Drawer
      title={`Request a key for ${tool.displayName}`}
      description={<span className="font-mono">{tool.slug}</span>}
      backTo={backTo}
    >
      {preselected === undefined ? (
        <div className="grid justify-items-start gap-3">
          <p>
            You already have a key for {tool.displayName} in every environment. Revoke one to request another.
          </p>
          <LinkButton to={backTo}>Back to your keys</LinkButton>
        </div>
      ) : (
        <DrawerForm
          result={result}
          submitLabel={<SubmitLabel requiresApproval={tool.requiresApproval} />}
          backTo={backTo}
        >
          <NotConnected tool={tool} />
          <SelectField
            label="Environment"
            name="environment"
            required
            defaultValue={preselected.environment}
            error={result?.fields.environment}
            hint={describeLiveKeys(environments)}
          >
            {environments.map(({ environment, live }) => (
              <option key={environment} value={environment} disabled={live !== null}>
                {environment}
                {live === null ? '' : optionNote(live.status)}
              </option>
            ))}
          </SelectField>
          <TextField
            label="Purpose"
            {...fieldProps(result, 'purpose')}
            required
            minLength={PURPOSE_LENGTH.min}
            maxLength={PURPOSE_LENGTH.max}
            hint="What the key is for. Admins see it, and it stays in the audit trail."
            placeholder="For example: nightly ticket summaries"
          />
          {/* Styles alone make the notice and the button follow the environment, so they work without JavaScript. */}
          {tool.requiresApproval ? (
            <div className="hidden group-has-[option[value=production]:checked]:block">
              <Notice tone="wait">
                An admin approves production keys for {tool.displayName}. Once yours is approved, you reveal
                it here.
              </Notice>
            </div>
          ) : null}
        </DrawerForm>
      )}
    </Drawer>
  );
}

function SubmitLabel({ requiresApproval }: { requiresApproval: boolean }) {
  if (!requiresApproval) return 'Issue key';
  return (
    <>
      <span className="group-has-[option[value=production]:checked]:hidden">Issue key</span>
      <span className="hidden group-has-[option[value=production]:checked]:inline">Submit request</span>
    </>
  );
}

const optionNote = (status: KeyStatus) => (status === 'PENDING' ? ' (request pending)' : ' (active key)');

type Choice = { environment: Environment; live: { status: KeyStatus } | null };

/** `You already have a development key and a pending production request.` Null without live keys. */
function describeLiveKeys(environments: Choice[]): string | null {
  const live = environments.flatMap(({ environment, live }) => {
    if (live === null) return [];
    return live.status === 'PENDING' ? `a pending ${environment} request` : `a ${environment} key`;
  });
  return live.length === 0 ? null : `You already have ${new Intl.ListFormat('en').format(live)}.`;
}

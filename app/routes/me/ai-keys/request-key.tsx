import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { PURPOSE_LENGTH } from '~/core/limits';
import { useOrigin } from '~/routes/app-layout';
import { Button, LinkButton } from '~/ui/button';
import { Drawer } from '~/ui/dialogs';
import { SelectField, TextField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { OWN_KEYS } from '~/ui/keys/own-keys-params';
import { RevealModal } from '~/ui/keys/reveal-modal';
import { FormError, Notice } from '~/ui/notice';
import { NotConnected } from '~/ui/tools/not-connected';
import type { Environment } from '~db/schema/enums';

export const meta: MetaFunction = () => [{ title: 'Request a key · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return load(args, (api) => api.tools.forRequest({ tool: args.params.tool ?? '' }));
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const values = {
    environment: String(form.get('environment') ?? ''),
    purpose: String(form.get('purpose') ?? ''),
  };
  const result = await submit(args, (api) =>
    api.keys.request({
      tool: args.params.tool ?? '',
      purpose: values.purpose,
      environment: values.environment as Environment,
    }),
  );
  if (!result.ok) return formErrorResponse(result, values);
  if (result.value.outcome === 'pending') {
    const { searchParams } = new URL(args.request.url);
    const { environment, tool } = result.value.key;
    const message = `Request for a ${environment} key for ${tool.displayName} sent. This page updates when an admin decides.`;
    return await redirectWithFlash(args, OWN_KEYS.href(searchParams), message);
  }
  return { ok: true as const, ...result.value };
}

export default function RequestKey() {
  const { tool, environments } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const origin = useOrigin();
  const [params] = useSearchParams();
  const form = useFocusOnError(result);
  const submitting = useSubmitting();
  const backTo = OWN_KEYS.href(params);

  if (result?.ok) {
    const { rawKey, key } = result;
    return <RevealModal rawKey={rawKey} held={key} tool={tool} origin={origin} backTo={backTo} />;
  }

  const free = environments.filter(({ live }) => live === null);
  const asked = result?.values.environment ?? params.get('environment');
  const preselected = free.find(({ environment }) => environment === asked) ?? free[0];
  const errors = result?.fields ?? {};
  return (
    <Drawer
      title={`Request a key for ${tool.displayName}`}
      description={<span className="font-mono">{tool.slug}</span>}
      backTo={backTo}
    >
      {preselected === undefined ? (
        <div className="grid justify-items-start gap-3">
          <p>
            You hold a live key for {tool.displayName} in every environment. Revoke one to request another.
          </p>
          <LinkButton to={backTo}>Back to your keys</LinkButton>
        </div>
      ) : (
        <Form ref={form} method="post" preventScrollReset className="group grid gap-5">
          <FormError result={result} />
          <NotConnected tool={tool} />
          <SelectField
            label="Environment"
            name="environment"
            required
            defaultValue={preselected.environment}
            error={errors.environment}
            hint={<Blocked environments={environments} />}
          >
            {environments.map(({ environment, live }) => (
              <option key={environment} value={environment} disabled={live !== null}>
                {environment}
                {live === null ? '' : live.status === 'PENDING' ? ' (request pending)' : ' (active key)'}
              </option>
            ))}
          </SelectField>
          <TextField
            label="Purpose"
            name="purpose"
            required
            minLength={PURPOSE_LENGTH.min}
            maxLength={PURPOSE_LENGTH.max}
            defaultValue={result?.values.purpose}
            error={errors.purpose}
            hint="One line: what the key is for. Admins see it, and it stays on the audit trail."
            placeholder="For example: nightly ticket summaries"
          />
          {/* Banner and button follow the environment by style alone, so they do without JavaScript too. */}
          {tool.requiresApproval ? (
            <div className="hidden group-has-[option[value=production]:checked]:block">
              <Notice tone="wait">
                A production key for {tool.displayName} needs an admin's approval. You reveal it here once it
                is approved.
              </Notice>
            </div>
          ) : null}
          <div className="flex flex-row-reverse justify-start gap-2">
            <Button variant="primary" busy={submitting}>
              <SubmitWords requiresApproval={tool.requiresApproval} />
            </Button>
            <LinkButton to={backTo} preventScrollReset variant="quiet">
              Cancel
            </LinkButton>
          </div>
        </Form>
      )}
    </Drawer>
  );
}

function SubmitWords({ requiresApproval }: { requiresApproval: boolean }) {
  if (!requiresApproval) return 'Issue key';
  return (
    <>
      <span className="group-has-[option[value=production]:checked]:hidden">Issue key</span>
      <span className="hidden group-has-[option[value=production]:checked]:inline">Submit request</span>
    </>
  );
}

type Choice = { environment: Environment; live: { status: string } | null };

function Blocked({ environments }: { environments: Choice[] }) {
  const blocked = environments.filter(({ live }) => live !== null);
  if (blocked.length === 0) return null;
  return blocked
    .map(({ environment, live }) =>
      live?.status === 'PENDING'
        ? `You are waiting for a ${environment} key already.`
        : `You hold an active ${environment} key already.`,
    )
    .join(' ');
}

import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { PURPOSE_LENGTH } from '~/core/limits';
import { useOrigin } from '~/routes/app-layout';
import { Button, LinkButton } from '~/ui/button';
import { Drawer } from '~/ui/dialogs';
import { SelectField, TextField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { RevealModal } from '~/ui/keys/reveal-modal';
import { FormError } from '~/ui/notice';
import { type Environment, environments } from '~db/schema/enums';

export const meta: MetaFunction = () => [{ title: 'Issue a key · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const serviceAccountId = args.params.accountId ?? '';
  const [account, tools] = await load(args, (api) =>
    Promise.all([api.serviceAccounts.get({ serviceAccountId }), api.tools.list()]),
  );
  return { account, tools };
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const values = {
    tool: String(form.get('tool') ?? ''),
    environment: String(form.get('environment') ?? ''),
    purpose: String(form.get('purpose') ?? ''),
  };
  const result = await submit(args, (api) =>
    api.serviceAccounts.issueKey({
      ...values,
      serviceAccountId: args.params.accountId ?? '',
      environment: values.environment as Environment,
    }),
  );
  if (!result.ok)
    return formErrorResponse(result, values, { 'tool-archived': 'tool', 'tool-not-found': 'tool' });
  return { ok: true as const, ...result.value };
}

export default function IssueKey() {
  const { account, tools } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const origin = useOrigin();
  const [params] = useSearchParams();
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  const backTo = `/admin/ai/service-accounts/${account.id}?${params}`;

  if (result?.ok) {
    // Archived or not: a tool stays in the catalogue, and its slug with it, once there is a key of it.
    const tool = tools.find(({ slug }) => slug === result.key.tool.slug);
    if (tool === undefined) throw new Error('the tool of the key is not in the catalogue');
    return (
      <RevealModal
        rawKey={result.rawKey}
        held={result.key}
        tool={tool}
        origin={origin}
        title={`The ${tool.displayName} key of ${account.name}`}
        backTo={backTo}
      />
    );
  }

  const offered = tools.filter(({ archivedAt }) => archivedAt === null);
  const why =
    account.disabledAt !== null
      ? 'This service account is disabled. Enable it first.'
      : offered.length === 0
        ? 'There is no tool in the catalogue that a key could be for. Add one first.'
        : null;
  return (
    <Drawer
      title={`Issue a key to ${account.name}`}
      description="It works at once, in production too: an admin asks, so nobody has to approve."
      backTo={backTo}
    >
      {why === null ? (
        <Form ref={form} method="post" preventScrollReset className="grid gap-5">
          <FormError result={result} />
          <SelectField
            label="Tool"
            name="tool"
            required
            defaultValue={result?.values.tool ?? ''}
            error={result?.fields.tool}
          >
            <option value="">Pick a tool</option>
            {offered.map(({ slug, displayName, connected }) => (
              <option key={slug} value={slug}>
                {displayName}
                {connected ? '' : ' (not connected yet)'}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Environment"
            name="environment"
            required
            defaultValue={result?.values.environment || 'production'}
            error={result?.fields.environment}
          >
            {environments.map((environment) => (
              <option key={environment} value={environment}>
                {environment}
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
            error={result?.fields.purpose}
            hint="One line: what this key is for. It stays on the audit trail."
            placeholder="For example: summaries in the nightly report"
          />
          <div className="flex flex-row-reverse justify-start gap-2">
            <Button variant="primary" busy={busy}>
              Issue key
            </Button>
            <LinkButton to={backTo} preventScrollReset variant="quiet">
              Cancel
            </LinkButton>
          </div>
        </Form>
      ) : (
        <div className="grid justify-items-start gap-3">
          <FormError result={result} />
          <p>{why}</p>
          <LinkButton to={backTo} preventScrollReset>
            Back to {account.name}
          </LinkButton>
        </div>
      )}
    </Drawer>
  );
}

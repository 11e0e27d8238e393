import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { readForm } from '~/api/read-form.server';
import { PURPOSE_LENGTH } from '~/core/limits';
import { useOrigin } from '~/routes/app-layout';
import { issueKeyInput } from '~/service-accounts/service-accounts.schema';
import { Drawer } from '~/ui/dialogs';
import { DrawerForm } from '~/ui/drawer-form';
import { SelectField, TextField } from '~/ui/field';
import { fieldProps } from '~/ui/field-props';
import { useStickyActionData } from '~/ui/form';
import { RevealModal } from '~/ui/keys/reveal-modal';
import { SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';
import { environments } from '~db/schema/enums';

export const meta: MetaFunction = () => [{ title: 'Issue a key · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const serviceAccountId = args.params.accountId ?? '';
  const [account, tools] = await load(args, (api) =>
    Promise.all([api.serviceAccounts.get({ serviceAccountId }), api.tools.list()]),
  );
  return { account, tools };
}

const issueKeyForm = issueKeyInput.omit({ serviceAccountId: true });

export async function action(args: ActionFunctionArgs) {
  const { accountId = '' } = args.params;
  const { input, values } = await readForm(args.request, issueKeyForm);
  const result = await submit(args, (api) =>
    api.serviceAccounts.issueKey({ ...input, serviceAccountId: accountId }),
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
  const backTo = SERVICE_ACCOUNTS.childHref(account.id, params);

  if (result?.ok) {
    // The catalogue includes archived tools, and a tool's slug can't change after its first key.
    const tool = tools.find(({ slug }) => slug === result.key.tool.slug);
    if (tool === undefined)
      throw new Error(`no tool has the slug of the issued key: ${result.key.tool.slug}`);
    return (
      <RevealModal
        rawKey={result.rawKey}
        apiKey={result.key}
        tool={tool}
        origin={origin}
        title={`The ${tool.displayName} key of ${account.name}`}
        backTo={backTo}
      />
    );
  }

  const offered = tools.filter(({ archivedAt }) => archivedAt === null);
  if (account.disabledAt !== null || offered.length === 0) {
    return (
      <Drawer title={`Issue a key to ${account.name}`} backTo={backTo}>
        <p>
          {account.disabledAt === null
            ? 'There are no tools yet. Add one first.'
            : 'This service account is disabled. Enable it first.'}
        </p>
      </Drawer>
    );
  }
  return (
    <Drawer
      title={`Issue a key to ${account.name}`}
      description="Works immediately, in production too. Keys issued by admins need no approval."
      backTo={backTo}
    >
      <DrawerForm result={result} submitLabel="Issue key" backTo={backTo}>
        <SelectField label="Tool" {...fieldProps(result, 'tool', '')} required>
          <option value="">Pick a tool</option>
          {offered.map(({ slug, displayName, connected }) => (
            <option key={slug} value={slug}>
              {displayName}
              {connected ? '' : ' (not connected yet)'}
            </option>
          ))}
        </SelectField>
        <SelectField label="Environment" {...fieldProps(result, 'environment', 'production')} required>
          {environments.map((environment) => (
            <option key={environment} value={environment}>
              {environment}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Purpose"
          {...fieldProps(result, 'purpose')}
          required
          minLength={PURPOSE_LENGTH.min}
          maxLength={PURPOSE_LENGTH.max}
          hint="One line, recorded on the audit trail."
          placeholder="For example: summaries in the nightly report"
        />
      </DrawerForm>
    </Drawer>
  );
}

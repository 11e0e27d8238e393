import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { PURPOSE_LENGTH, SERVICE_ACCOUNT_NAME_LENGTH } from '~/core/limits';
import { createServiceAccountInput } from '~/service-accounts/service-accounts.schema';
import { Drawer } from '~/ui/dialogs';
import { DrawerForm } from '~/ui/drawer-form';
import { TextField } from '~/ui/field';
import { fieldProps } from '~/ui/field-props';
import { useStickyActionData } from '~/ui/form';
import { SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';

/* Two routes: `new` creates a service account, `:accountId/edit` edits one. */

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.account ? 'Edit' : 'New'} service account · My AI Keys` },
];

export function loader(args: LoaderFunctionArgs) {
  const { accountId } = args.params;
  return load(args, async (api) => {
    if (accountId !== undefined) {
      return { account: await api.serviceAccounts.get({ serviceAccountId: accountId }) };
    }
    // Refuses members before they fill in the form.
    await api.serviceAccounts.list();
    return { account: null };
  });
}

export async function action(args: ActionFunctionArgs) {
  const { accountId } = args.params;
  const { input, values } = await readForm(args.request, createServiceAccountInput);
  const result = await submit(args, (api) =>
    accountId === undefined
      ? api.serviceAccounts.create(input)
      : api.serviceAccounts.update({ ...input, serviceAccountId: accountId }),
  );
  if (!result.ok) return formErrorResponse(result, values, { 'service-account-name-taken': 'name' });
  return redirectWithFlash(
    args,
    SERVICE_ACCOUNTS.childHref(result.value.id, new URL(args.request.url).searchParams),
    accountId === undefined ? 'Service account created. Issue its first key.' : 'Changes saved.',
  );
}

export default function SaveServiceAccount() {
  const { account } = useLoaderData<typeof loader>();
  const error = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  const isNew = account === null;
  return (
    <Drawer
      title={isNew ? 'New service account' : `Edit ${account.name}`}
      description={isNew ? 'You issue its keys in the next step.' : undefined}
      backTo={isNew ? SERVICE_ACCOUNTS.href(params) : SERVICE_ACCOUNTS.childHref(account.id, params)}
    >
      <DrawerForm
        result={error}
        submitLabel={isNew ? 'Create' : 'Save'}
        backTo={isNew ? SERVICE_ACCOUNTS.href(params) : SERVICE_ACCOUNTS.childHref(account.id, params)}
      >
        <TextField
          label="Name"
          {...fieldProps(error, 'name', account?.name)}
          required
          minLength={SERVICE_ACCOUNT_NAME_LENGTH.min}
          maxLength={SERVICE_ACCOUNT_NAME_LENGTH.max}
          hint="Plain letters and digits. The verify endpoint returns it in a header."
          placeholder="ci/release-notes"
        />
        <TextField
          label="Purpose"
          {...fieldProps(error, 'purpose', account?.purpose)}
          required
          minLength={PURPOSE_LENGTH.min}
          maxLength={PURPOSE_LENGTH.max}
          hint="One line: what runs with it, and where."
          placeholder="For example: release notes in the deploy pipeline"
        />
      </DrawerForm>
    </Drawer>
  );
}

import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { Drawer } from '~/ui/dialogs';
import { useStickyActionData } from '~/ui/form';
import {
  REFUSED_FIELDS,
  readServiceAccountForm,
  ServiceAccountForm,
} from '~/ui/service-accounts/service-account-form';

export const meta: MetaFunction = () => [{ title: 'Edit a service account · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const serviceAccountId = args.params.accountId ?? '';
  return { account: await load(args, (api) => api.serviceAccounts.get({ serviceAccountId })) };
}

export async function action(args: ActionFunctionArgs) {
  const serviceAccountId = args.params.accountId ?? '';
  const values = readServiceAccountForm(await args.request.formData());
  const result = await submit(args, (api) => api.serviceAccounts.update({ ...values, serviceAccountId }));
  if (!result.ok) return formErrorResponse(result, values, REFUSED_FIELDS);
  const { searchParams } = new URL(args.request.url);
  searchParams.set('done', 'updated');
  return redirect(`/admin/ai/service-accounts/${serviceAccountId}?${searchParams}`, 303);
}

export default function EditServiceAccount() {
  const { account } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  const backTo = `/admin/ai/service-accounts/${account.id}?${params}`;
  return (
    <Drawer title={`Edit ${account.name}`} backTo={backTo}>
      <ServiceAccountForm
        initial={{ name: account.name, purpose: account.purpose }}
        refused={result}
        submitWords="Save"
        backTo={backTo}
      />
    </Drawer>
  );
}

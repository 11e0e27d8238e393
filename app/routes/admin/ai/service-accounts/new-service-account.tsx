import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { Drawer } from '~/ui/dialogs';
import { useStickyActionData } from '~/ui/form';
import {
  REFUSED_FIELDS,
  readServiceAccountForm,
  ServiceAccountForm,
} from '~/ui/service-accounts/service-account-form';

export const meta: MetaFunction = () => [{ title: 'New service account · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  // Whoever may not make one is told so here, not after filling the form in.
  await load(args, (api) => api.serviceAccounts.list());
  return null;
}

export async function action(args: ActionFunctionArgs) {
  const values = readServiceAccountForm(await args.request.formData());
  const result = await submit(args, (api) => api.serviceAccounts.create(values));
  if (!result.ok) return formErrorResponse(result, values, REFUSED_FIELDS);
  const { searchParams } = new URL(args.request.url);
  searchParams.set('done', 'created');
  return redirect(`/admin/ai/service-accounts/${result.value.id}?${searchParams}`, 303);
}

export default function NewServiceAccount() {
  const result = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  const backTo = `/admin/ai/service-accounts?${params}`;
  return (
    <Drawer
      title="New service account"
      description="For a workload that is nobody’s own: its keys are issued in the next step."
      backTo={backTo}
    >
      <ServiceAccountForm
        initial={{ name: '', purpose: '' }}
        refused={result}
        submitWords="Create"
        backTo={backTo}
      />
    </Drawer>
  );
}

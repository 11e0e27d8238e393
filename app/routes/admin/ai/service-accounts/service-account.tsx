import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { dispatchIntent, formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { Drawer } from '~/ui/dialogs';
import { useStickyActionData } from '~/ui/form';
import { ServiceAccountDetails } from '~/ui/service-accounts/service-account-details';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.account.name ?? 'Service account'} · My AI Keys` },
];

export async function loader(args: LoaderFunctionArgs) {
  const serviceAccountId = args.params.accountId ?? '';
  const account = await load(args, (api) => api.serviceAccounts.get({ serviceAccountId }));
  return { account, now: args.context.trpc.app.now() };
}

export async function action(args: ActionFunctionArgs) {
  const serviceAccountId = args.params.accountId ?? '';
  const intent = String((await args.request.formData()).get('intent') ?? '');
  const result = await submit(args, (api) =>
    dispatchIntent<unknown>(intent, { enable: () => api.serviceAccounts.enable({ serviceAccountId }) }, () =>
      api.serviceAccounts.get({ serviceAccountId }),
    ),
  );
  if (!result.ok) return formErrorResponse(result, {});
  const { searchParams } = new URL(args.request.url);
  searchParams.set('done', 'enabled');
  return redirect(`/admin/ai/service-accounts/${serviceAccountId}?${searchParams}`, 303);
}

export default function ServiceAccount() {
  const { account, now } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  const kept = new URLSearchParams(params);
  kept.delete('done');
  return (
    <Drawer
      title={account.name}
      description={<p className="wrap-anywhere">{account.purpose}</p>}
      backTo={`/admin/ai/service-accounts?${kept}`}
    >
      <ServiceAccountDetails
        account={account}
        now={now}
        refused={result}
        done={params.get('done')}
        kept={[...kept]}
      />
    </Drawer>
  );
}

import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { z } from 'zod';
import { dispatchIntent, formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { SHOWS_FLASH } from '~/ui/flash-notice';
import { useStickyActionData } from '~/ui/form';
import { ServiceAccountDrawer } from '~/ui/service-accounts/service-account-drawer';
import { SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';

export const handle = SHOWS_FLASH;

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.account.name ?? 'Service account'} · My AI Keys` },
];

export async function loader(args: LoaderFunctionArgs) {
  const serviceAccountId = args.params.accountId ?? '';
  const account = await load(args, (api) => api.serviceAccounts.get({ serviceAccountId }));
  return { account, now: args.context.trpc.app.now() };
}

const intentForm = z.object({ intent: z.string() });

export async function action(args: ActionFunctionArgs) {
  const serviceAccountId = args.params.accountId ?? '';
  const { intent } = (await readForm(args.request, intentForm)).input;
  const result = await submit(args, (api) =>
    dispatchIntent<unknown>(intent, { enable: () => api.serviceAccounts.enable({ serviceAccountId }) }, () =>
      api.serviceAccounts.get({ serviceAccountId }),
    ),
  );
  if (!result.ok) return formErrorResponse(result, {});
  return redirectWithFlash(
    args,
    SERVICE_ACCOUNTS.childHref(serviceAccountId, new URL(args.request.url).searchParams),
    'Enabled. Revoked keys stay revoked.',
  );
}

export default function ServiceAccount() {
  const { account, now } = useLoaderData<typeof loader>();
  const error = useStickyActionData<typeof action>();
  return <ServiceAccountDrawer account={account} now={now} error={error} />;
}

import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { ConfirmDialog } from '~/ui/confirm-dialog';
import { useStickyActionData } from '~/ui/form';
import { counted } from '~/ui/list-toolbar';
import { TOOLS } from '~/ui/tools/tools-params';

export const meta: MetaFunction = () => [{ title: 'Remove a credential · My AI Keys' }];

export const loader = (args: LoaderFunctionArgs) =>
  load(args, (api) => api.tools.get({ tool: args.params.tool ?? '' }));

export async function action(args: ActionFunctionArgs) {
  const { tool = '' } = args.params;
  const result = await submit(args, (api) => api.tools.removeCredential({ tool }));
  if (!result.ok) return formErrorResponse(result, {});
  return redirectWithFlash(
    args,
    TOOLS.childHref(tool, new URL(args.request.url).searchParams),
    'Credential removed.',
  );
}

export default function RemoveCredential() {
  const tool = useLoaderData<typeof loader>();
  const error = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Remove the credential of ${tool.displayName}?`}
      description={
        <p>
          {tool.needsCredential
            ? 'Calls fail with 503 until you add another one.'
            : 'Calls are sent without a credential.'}{' '}
          {tool.liveKeys > 0 ? `This affects ${counted(tool.liveKeys, 'live key')}. ` : null}This can’t be
          undone.
        </p>
      }
      backTo={TOOLS.childHref(tool.slug, params)}
      confirmLabel="Remove credential"
      result={error}
    />
  );
}

import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { ConfirmDialog } from '~/ui/confirm-dialog';
import { useStickyActionData } from '~/ui/form';
import { counted } from '~/ui/list-toolbar';
import { TOOLS } from '~/ui/tools/tools-params';

export const meta: MetaFunction = () => [{ title: 'Archive a tool · My AI Keys' }];

export const loader = (args: LoaderFunctionArgs) =>
  load(args, (api) => api.tools.get({ tool: args.params.tool ?? '' }));

export async function action(args: ActionFunctionArgs) {
  const { tool = '' } = args.params;
  const result = await submit(args, (api) => api.tools.archive({ tool }));
  if (!result.ok) return formErrorResponse(result, {});
  return redirectWithFlash(
    args,
    TOOLS.childHref(tool, new URL(args.request.url).searchParams),
    'Tool archived. Its keys no longer work.',
  );
}

export default function ArchiveTool() {
  const tool = useLoaderData<typeof loader>();
  const error = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Archive ${tool.displayName}?`}
      description={
        <p>
          Members no longer see it.{' '}
          {tool.liveKeys > 0
            ? `Its ${counted(tool.liveKeys, 'live key')} stop working immediately, including running streams. Restoring the tool makes them work again.`
            : 'It has no live keys.'}
        </p>
      }
      backTo={TOOLS.childHref(tool.slug, params)}
      confirmLabel="Archive"
      result={error}
    />
  );
}

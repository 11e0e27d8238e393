import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { z } from 'zod';
import { dispatchIntent, formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { SHOWS_FLASH } from '~/ui/flash-notice';
import { useStickyActionData } from '~/ui/form';
import { ToolDrawer } from '~/ui/tools/tool-drawer';
import { TOOLS } from '~/ui/tools/tools-params';

export const handle = SHOWS_FLASH;

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.tool.displayName ?? 'Tool'} · My AI Keys` },
];

export async function loader(args: LoaderFunctionArgs) {
  const tool = await load(args, (api) => api.tools.get({ tool: args.params.tool ?? '' }));
  return { tool, now: args.context.trpc.app.now() };
}

const intentForm = z.object({ intent: z.string() });

export async function action(args: ActionFunctionArgs) {
  const { tool = '' } = args.params;
  const { intent } = (await readForm(args.request, intentForm)).input;
  if (intent === 'test') {
    const result = await submit(args, (api) => api.tools.testConnection({ tool }));
    return result.ok ? { ok: true as const, connectionTest: result.value } : formErrorResponse(result, {});
  }
  const result = await submit(args, (api) =>
    dispatchIntent(
      intent,
      {
        'require-approval': () =>
          api.tools
            .setRequiresApproval({ tool, requiresApproval: true })
            .then(() => 'Production keys of this tool now require approval.'),
        'waive-approval': () =>
          api.tools
            .setRequiresApproval({ tool, requiresApproval: false })
            .then(() => 'Production keys of this tool are now issued immediately.'),
        restore: () => api.tools.restore({ tool }).then(() => 'Tool restored. Its active keys work again.'),
      },
      () => api.tools.get({ tool }),
    ),
  );
  if (!result.ok) return formErrorResponse(result, {});
  return redirectWithFlash(args, TOOLS.childHref(tool, new URL(args.request.url).searchParams), result.value);
}

export default function Tool() {
  const { tool, now } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  return (
    <ToolDrawer
      tool={tool}
      now={now}
      connectionTest={result?.ok ? result.connectionTest : undefined}
      error={result?.ok === false ? result : undefined}
    />
  );
}

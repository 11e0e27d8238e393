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
import { ToolDetails } from '~/ui/tools/tool-details';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.tool.displayName ?? 'Tool'} · My AI Keys` },
];

export async function loader(args: LoaderFunctionArgs) {
  const tool = await load(args, (api) => api.tools.get({ tool: args.params.tool ?? '' }));
  return { tool, now: args.context.trpc.app.now() };
}

/** What each button does, and the word under which the page then says so. */
const DONE: Record<string, string> = { require: 'required', waive: 'waived', restore: 'restored' };

export async function action(args: ActionFunctionArgs) {
  const tool = args.params.tool ?? '';
  const intent = String((await args.request.formData()).get('intent') ?? '');
  if (intent === 'test') {
    const result = await submit(args, (api) => api.tools.testConnection({ tool }));
    return result.ok ? { ok: true as const, tested: result.value } : formErrorResponse(result, {});
  }
  const result = await submit(args, (api) => {
    const ways = {
      require: () => api.tools.setRequiresApproval({ tool, requiresApproval: true }),
      waive: () => api.tools.setRequiresApproval({ tool, requiresApproval: false }),
      restore: () => api.tools.restore({ tool }),
    };
    return dispatchIntent(intent, ways, () => api.tools.get({ tool }));
  });
  if (!result.ok) return formErrorResponse(result, {});
  const url = new URL(args.request.url);
  url.searchParams.set('done', DONE[intent] ?? '');
  return redirect(`/admin/ai/tools/${tool}${url.search}`, 303);
}

export default function Tool() {
  const { tool, now } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  const kept = new URLSearchParams(params);
  kept.delete('done');
  return (
    <Drawer
      title={tool.displayName}
      description={<span className="font-mono">{tool.slug}</span>}
      backTo={`/admin/ai/tools?${kept}`}
    >
      <ToolDetails
        tool={tool}
        now={now}
        tested={result?.ok ? result.tested : undefined}
        refused={result?.ok === false ? result : undefined}
        done={params.get('done')}
        kept={[...kept]}
      />
    </Drawer>
  );
}

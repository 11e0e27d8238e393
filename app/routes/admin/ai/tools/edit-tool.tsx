import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { useAnswer } from '~/ui/form';
import { Drawer } from '~/ui/dialogs';
import { ToolForm } from '~/ui/tools/tool-form';
import { REFUSED_FIELDS, readToolForm, toFormValues, toToolInput } from '~/ui/tools/tool-form-values';
import { load, refusedForm, submit } from '~/api/call-from-route.server';

export const meta: MetaFunction = () => [{ title: 'Edit a tool · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return { tool: await load(args, (api) => api.tools.get({ tool: args.params.tool ?? '' })) };
}

export async function action(args: ActionFunctionArgs) {
  const values = readToolForm(await args.request.formData());
  const tool = args.params.tool ?? '';
  const result = await submit(args, (api) => api.tools.update({ ...toToolInput(values), tool }));
  if (!result.ok) return refusedForm(result, values, REFUSED_FIELDS);
  const url = new URL(args.request.url);
  url.searchParams.set('done', 'updated');
  return redirect(`/admin/ai/tools/${result.value.slug}${url.search}`, 303);
}

export default function EditTool() {
  const { tool } = useLoaderData<typeof loader>();
  const result = useAnswer<typeof action>();
  const [params] = useSearchParams();
  const backTo = `/admin/ai/tools/${tool.slug}?${params}`;
  return (
    <Drawer
      title={`Edit ${tool.displayName}`}
      description={
        tool.slugFixed ? (
          <>
            The slug stays <span className="font-mono">{tool.slug}</span>, since keys have been requested.
          </>
        ) : undefined
      }
      backTo={backTo}
    >
      <ToolForm
        initial={toFormValues(tool)}
        refused={result}
        hasUpstream={tool.upstreamUrl !== null}
        slugFixed={tool.slugFixed}
        submitWords="Save"
        backTo={backTo}
      />
    </Drawer>
  );
}

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
import { ToolForm } from '~/ui/tools/tool-form';
import { REFUSED_FIELDS, readToolForm, toFormValues, toToolInput } from '~/ui/tools/tool-form-values';

export const meta: MetaFunction = () => [{ title: 'Edit a tool · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return { tool: await load(args, (api) => api.tools.get({ tool: args.params.tool ?? '' })) };
}

export async function action(args: ActionFunctionArgs) {
  const values = readToolForm(await args.request.formData());
  const tool = args.params.tool ?? '';
  const result = await submit(args, (api) => api.tools.update({ ...toToolInput(values), tool }));
  if (!result.ok) return formErrorResponse(result, values, REFUSED_FIELDS);
  const url = new URL(args.request.url);
  url.searchParams.set('done', 'updated');
  return redirect(`/admin/ai/tools/${result.value.slug}${url.search}`, 303);
}

export default function EditTool() {
  const { tool } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
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

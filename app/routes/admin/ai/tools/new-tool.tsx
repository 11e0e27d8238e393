import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { Link, useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { Drawer } from '~/ui/dialogs';
import { useStickyActionData } from '~/ui/form';
import { ToolAvatar } from '~/ui/tool-avatar';
import { ToolForm } from '~/ui/tools/tool-form';
import { newToolValues, REFUSED_FIELDS, readToolForm, toToolInput } from '~/ui/tools/tool-form-values';

export const meta: MetaFunction = () => [{ title: 'Add a tool · My AI Keys' }];

/** The choice that stands for no preset. */
const CUSTOM = 'custom';

export async function loader(args: LoaderFunctionArgs) {
  return { presets: await load(args, (api) => api.tools.presets()) };
}

export async function action(args: ActionFunctionArgs) {
  const url = new URL(args.request.url);
  const chosen = url.searchParams.get('preset');
  const values = readToolForm(await args.request.formData());
  const result = await submit(args, (api) =>
    api.tools.create({ ...toToolInput(values), preset: chosen === CUSTOM ? null : chosen }),
  );
  if (!result.ok) return formErrorResponse(result, values, REFUSED_FIELDS);
  url.searchParams.delete('preset');
  url.searchParams.set('done', 'created');
  return redirect(`/admin/ai/tools/${result.value.slug}?${url.searchParams}`, 303);
}

export default function AddTool() {
  const { presets } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  const kept = new URLSearchParams(params);
  kept.delete('preset');
  const chosen = params.get('preset');
  const preset = presets.find(({ id }) => id === chosen);
  if (preset !== undefined || chosen === CUSTOM) {
    return (
      <Drawer
        title={preset ? `Add ${preset.displayName}` : 'Add a custom tool'}
        description="The provider credential is set in the next step."
        backTo={`/admin/ai/tools?${kept}`}
      >
        <ToolForm
          key={chosen}
          initial={newToolValues(preset)}
          refused={result}
          hasUpstream
          slugFixed={false}
          submitWords="Add tool"
          backTo={`/admin/ai/tools/new?${kept}`}
        />
      </Drawer>
    );
  }
  const choice = (id: string) => `/admin/ai/tools/new?${new URLSearchParams([...kept, ['preset', id]])}`;
  return (
    <Drawer
      title="Add a tool"
      description="Pick the provider, or describe an API of your own."
      backTo={`/admin/ai/tools?${kept}`}
    >
      <ul aria-label="Providers" className="grid gap-2 sm:grid-cols-2">
        {[...presets, { id: CUSTOM, displayName: 'Custom' }].map(({ id, displayName }) => (
          <li key={id}>
            <Link
              to={choice(id)}
              preventScrollReset
              className="flex items-center gap-3 rounded-md border border-line p-2.5 font-medium hover:bg-sunken"
            >
              <ToolAvatar name={id === CUSTOM ? '+' : displayName} />
              {displayName}
            </Link>
          </li>
        ))}
      </ul>
    </Drawer>
  );
}

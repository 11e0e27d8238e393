import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Link, useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { Drawer } from '~/ui/dialogs';
import { DrawerForm } from '~/ui/drawer-form';
import { useStickyActionData } from '~/ui/form';
import { ToolAvatar } from '~/ui/tool-avatar';
import { ToolFields } from '~/ui/tools/tool-fields';
import { toolFormOf, toToolInput } from '~/ui/tools/tool-form.server';
import { newToolValues, toFormValues } from '~/ui/tools/tool-form-values';
import { TOOLS } from '~/ui/tools/tools-params';

/* Two routes: `new` adds a tool, first asking for its preset; `:tool/edit` edits one. */

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.tool ? 'Edit' : 'Add'} a tool · My AI Keys` },
];

/** The value of the `preset` parameter for a tool without preset. */
const CUSTOM = 'custom';

export function loader(args: LoaderFunctionArgs) {
  const { tool } = args.params;
  return load(args, async (api) =>
    tool === undefined
      ? { tool: null, presets: await api.tools.presets() }
      : { tool: await api.tools.get({ tool }), presets: [] },
  );
}

const FIELD_OF_ERROR = {
  'slug-taken': 'slug',
  'slug-in-use': 'slug',
  'upstream-not-allowed': 'upstreamUrl',
  'credential-header-required': 'credentialHeader',
};

export async function action(args: ActionFunctionArgs) {
  const { tool } = await loader(args);
  const { searchParams } = new URL(args.request.url);
  const preset = searchParams.get('preset');
  const form = await readForm<ReturnType<typeof toolFormOf>>(args.request, toolFormOf(tool));
  const input = toToolInput(form.input);
  const result = await submit(args, (api) =>
    tool === null
      ? api.tools.create({ ...input, preset: preset === CUSTOM ? null : preset })
      : api.tools.update({ ...input, tool: tool.slug }),
  );
  if (!result.ok) return formErrorResponse(result, form.values, FIELD_OF_ERROR);
  return redirectWithFlash(
    args,
    TOOLS.childHref(result.value.slug, searchParams),
    tool === null ? 'Tool added. Members see it under Available tools.' : 'Changes saved.',
  );
}

export default function SaveTool() {
  const { tool, presets } = useLoaderData<typeof loader>();
  const error = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  if (tool !== null) {
    return (
      <Drawer title={`Edit ${tool.displayName}`} backTo={TOOLS.childHref(tool.slug, params)}>
        <DrawerForm result={error} submitLabel="Save" backTo={TOOLS.childHref(tool.slug, params)}>
          <ToolFields
            initial={toFormValues(tool)}
            error={error}
            hasUpstream={tool.upstreamUrl !== null}
            slugFixed={tool.slugFixed}
          />
        </DrawerForm>
      </Drawer>
    );
  }
  const preset = presets.find(({ id }) => id === params.get('preset'));
  if (preset === undefined && params.get('preset') !== CUSTOM) {
    return (
      <Drawer
        title="Add a tool"
        description="Pick a provider, or enter your own API."
        backTo={TOOLS.href(params)}
      >
        <PresetList
          presets={[...presets, { id: CUSTOM, displayName: 'Custom' }]}
          fields={TOOLS.fields(params)}
        />
      </Drawer>
    );
  }
  return (
    <Drawer
      title={preset ? `Add ${preset.displayName}` : 'Add a custom tool'}
      description="You add the provider credential in the next step."
      backTo={TOOLS.childHref('new', params)}
    >
      <DrawerForm
        key={params.get('preset')}
        result={error}
        submitLabel="Add tool"
        backTo={TOOLS.childHref('new', params)}
      >
        <ToolFields initial={newToolValues(preset)} error={error} hasUpstream slugFixed={false} />
      </DrawerForm>
    </Drawer>
  );
}

interface PresetListProps {
  presets: { id: string; displayName: string }[];
  fields: [name: string, value: string][];
}

function PresetList({ presets, fields }: PresetListProps) {
  return (
    <ul aria-label="Providers" className="grid gap-2 sm:grid-cols-2">
      {presets.map(({ id, displayName }) => (
        <li key={id}>
          <Link
            to={`${TOOLS.path}/new?${new URLSearchParams([...fields, ['preset', id]])}`}
            preventScrollReset
            className="flex items-center gap-3 rounded-md border border-line p-2.5 font-medium hover:bg-sunken"
          >
            <ToolAvatar name={id === CUSTOM ? '+' : displayName} />
            {displayName}
          </Link>
        </li>
      ))}
    </ul>
  );
}

import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { MAX_CREDENTIAL_LENGTH } from '~/core/limits';
import { setCredentialInput } from '~/tools/tools.schema';
import { Drawer } from '~/ui/dialogs';
import { DrawerForm } from '~/ui/drawer-form';
import { TextField } from '~/ui/field';
import { useStickyActionData } from '~/ui/form';
import { TOOLS } from '~/ui/tools/tools-params';

export const meta: MetaFunction = () => [{ title: 'Set a credential · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return { tool: await load(args, (api) => api.tools.get({ tool: args.params.tool ?? '' })) };
}

const credentialForm = setCredentialInput.pick({ credential: true });

export async function action(args: ActionFunctionArgs) {
  const tool = args.params.tool ?? '';
  const { input, values } = await readForm(args.request, credentialForm);
  const result = await submit(args, (api) => api.tools.setCredential({ ...input, tool }));
  if (!result.ok) return formErrorResponse(result, values, { 'invalid-credential': 'credential' });
  const { searchParams } = new URL(args.request.url);
  return redirectWithFlash(
    args,
    TOOLS.childHref(tool, searchParams),
    'Credential saved. Test the connection to check that it works.',
  );
}

export default function SetCredential() {
  const { tool } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  const backTo = TOOLS.childHref(tool.slug, params);
  const expected =
    tool.dialect === 'generic'
      ? `The full value of the ${tool.credentialHeader ?? ''} header.`
      : `The API key that ${tool.displayName} issued to your organisation.`;
  // Another admin may have changed the upstream to collect credentials: show where this one will be sent.
  const recipient = tool.upstreamUrl === null ? '' : `Sent only to ${new URL(tool.upstreamUrl).host}.`;
  return (
    <Drawer
      title={`${tool.credential === null ? 'Set' : 'Replace'} the credential of ${tool.displayName}`}
      description="Stored encrypted. Nobody can read it back, including you, and members never see it."
      backTo={backTo}
    >
      <DrawerForm
        result={result}
        submitLabel={tool.credential === null ? 'Set credential' : 'Replace credential'}
        backTo={backTo}
      >
        <TextField
          label="Provider credential"
          name="credential"
          type="password"
          required
          maxLength={MAX_CREDENTIAL_LENGTH}
          error={result?.fields.credential}
          spellCheck={false}
          className="font-mono"
          hint={`${expected} ${recipient}`}
        />
      </DrawerForm>
    </Drawer>
  );
}

import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { MAX_CREDENTIAL_LENGTH } from '~/core/limits';
import { Button, LinkButton } from '~/ui/button';
import { Drawer } from '~/ui/dialogs';
import { TextField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { FormError } from '~/ui/notice';

export const meta: MetaFunction = () => [{ title: 'Set a credential · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return { tool: await load(args, (api) => api.tools.get({ tool: args.params.tool ?? '' })) };
}

export async function action(args: ActionFunctionArgs) {
  const tool = args.params.tool ?? '';
  const credential = String((await args.request.formData()).get('credential') ?? '');
  const result = await submit(args, (api) => api.tools.setCredential({ tool, credential }));
  // What was pasted is not sent back: the field is empty again.
  if (!result.ok) return formErrorResponse(result, {}, { 'invalid-credential': 'credential' });
  const url = new URL(args.request.url);
  url.searchParams.set('done', 'credential');
  return redirect(`/admin/ai/tools/${tool}${url.search}`, 303);
}

export default function SetCredential() {
  const { tool } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  const [params] = useSearchParams();
  const backTo = `/admin/ai/tools/${tool.slug}?${params}`;
  const whatItIs =
    tool.dialect === 'generic'
      ? `The whole value of the header ${tool.credentialHeader ?? ''}, as the upstream expects it.`
      : `The API key that ${tool.displayName} issued to your organisation.`;
  // Another admin may have pointed the tool elsewhere: whoever pastes a secret sees where it will be sent.
  const whereItGoes =
    tool.upstreamUrl === null ? '' : `It is sent to ${new URL(tool.upstreamUrl).host} alone.`;
  return (
    <Drawer
      title={`${tool.credential === null ? 'Set' : 'Replace'} the credential of ${tool.displayName}`}
      description="It is sealed at once. Nobody can read it back, not even you; members never see it."
      backTo={backTo}
    >
      <Form ref={form} method="post" preventScrollReset noValidate className="grid gap-5">
        <FormError result={result} />
        <TextField
          label="Provider credential"
          name="credential"
          type="password"
          required
          maxLength={MAX_CREDENTIAL_LENGTH}
          error={result?.fields.credential}
          spellCheck={false}
          className="font-mono"
          hint={`${whatItIs} ${whereItGoes}`}
        />
        <div className="flex flex-row-reverse justify-start gap-2">
          <Button variant="primary" busy={busy}>
            {tool.credential === null ? 'Set credential' : 'Replace credential'}
          </Button>
          <LinkButton to={backTo} preventScrollReset variant="quiet">
            Cancel
          </LinkButton>
        </div>
      </Form>
    </Drawer>
  );
}

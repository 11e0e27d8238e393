import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { Button } from '~/ui/button';
import { ConfirmDialog } from '~/ui/dialogs';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { counted } from '~/ui/list-toolbar';
import { FormError } from '~/ui/notice';

export const meta: MetaFunction = () => [{ title: 'Remove a credential · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return { tool: await load(args, (api) => api.tools.get({ tool: args.params.tool ?? '' })) };
}

export async function action(args: ActionFunctionArgs) {
  const tool = args.params.tool ?? '';
  const result = await submit(args, (api) => api.tools.removeCredential({ tool }));
  if (!result.ok) return formErrorResponse(result, {});
  const url = new URL(args.request.url);
  url.searchParams.set('done', 'credential-removed');
  return redirect(`/admin/ai/tools/${tool}${url.search}`, 303);
}

export default function RemoveCredential() {
  const { tool } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Remove the credential of ${tool.displayName}?`}
      description={
        <>
          <p>
            {tool.needsCredential
              ? 'Calls to this tool are answered 503 from the next one on, until another credential is set.'
              : 'Calls to this tool go out without a credential from the next one on.'}{' '}
            {tool.liveKeys === 0 ? 'It has no live keys.' : `It has ${counted(tool.liveKeys, 'live key')}.`}{' '}
            What is removed cannot be brought back from here.
          </p>
          <FormError result={result} />
        </>
      }
      backTo={`/admin/ai/tools/${tool.slug}?${params}`}
    >
      <Form ref={form} method="post" preventScrollReset>
        <Button variant="danger" busy={busy}>
          Remove credential
        </Button>
      </Form>
    </ConfirmDialog>
  );
}

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

export const meta: MetaFunction = () => [{ title: 'Archive a tool · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  return { tool: await load(args, (api) => api.tools.get({ tool: args.params.tool ?? '' })) };
}

export async function action(args: ActionFunctionArgs) {
  const tool = args.params.tool ?? '';
  const result = await submit(args, (api) => api.tools.archive({ tool }));
  if (!result.ok) return formErrorResponse(result, {});
  const url = new URL(args.request.url);
  url.searchParams.set('done', 'archived');
  return redirect(`/admin/ai/tools/${tool}${url.search}`, 303);
}

export default function ArchiveTool() {
  const { tool } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Archive ${tool.displayName}?`}
      description={
        <>
          <p>
            Members no longer see it.{' '}
            {tool.liveKeys === 0
              ? 'It has no live keys.'
              : `Its ${counted(tool.liveKeys, 'live key')} stop working at once, streams under way included.`}{' '}
            Restoring the tool brings all of that back.
          </p>
          <FormError result={result} />
        </>
      }
      backTo={`/admin/ai/tools/${tool.slug}?${params}`}
    >
      <Form ref={form} method="post" preventScrollReset>
        <Button variant="danger" busy={busy}>
          Archive
        </Button>
      </Form>
    </ConfirmDialog>
  );
}

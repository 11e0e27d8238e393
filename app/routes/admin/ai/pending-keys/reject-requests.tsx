import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { submitMany } from '~/api/submit-many.server';
import { REASON_LENGTH } from '~/core/limits';
import { rejectInput } from '~/requests/requests.schema';
import { EnvironmentBadge } from '~/ui/badge';
import { Button, LinkButton } from '~/ui/button';
import { Drawer } from '~/ui/dialogs';
import { TextAreaField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { counted } from '~/ui/list-toolbar';
import { FormError } from '~/ui/notice';
import { PENDING_REQUESTS } from '~/ui/requests/pending-requests-params';

export const meta: MetaFunction = () => [{ title: 'Reject requests · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const chosen = new Set(new URL(args.request.url).searchParams.getAll('keyId'));
  const pending = await load(args, (api) => api.requests.pending());
  return pending.filter(({ key }) => chosen.has(key.id));
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const typed = String(form.get('reason') ?? '');
  const reason = rejectInput.shape.reason.safeParse(typed);
  if (!reason.success) {
    const message = 'Nothing was rejected yet: the reason is missing.';
    return data(
      { ok: false as const, message, fields: { reason: reason.error.issues[0]?.message }, typed },
      { status: 400 },
    );
  }
  const { done, refused } = await submitMany(args, form.getAll('keyId').map(String), (api, keyId) =>
    api.requests.reject({ keyId, reason: reason.data }),
  );
  if (refused.length === 0) {
    const params = new URL(args.request.url).searchParams;
    const message = `${counted(done, 'request')} rejected. The requester sees the reason.`;
    return await redirectWithFlash(args, PENDING_REQUESTS.href(params), message);
  }
  const message = [done > 0 ? `${done} rejected.` : '', ...refused].join(' ').trim();
  return data({ ok: false as const, message, fields: { reason: undefined }, typed }, { status: 409 });
}

export default function RejectRequests() {
  const chosen = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const submitting = useSubmitting();
  const [params] = useSearchParams();
  const backTo = PENDING_REQUESTS.href(params);

  return (
    <Drawer
      title={chosen.length === 1 ? 'Reject the request' : `Reject ${chosen.length} requests`}
      description="The requester reads your reason and can ask again."
      backTo={backTo}
    >
      <div className="grid gap-5">
        <FormError result={result} />
        {chosen.length === 0 ? (
          <div className="grid justify-items-start gap-3">
            <p>
              {result
                ? 'Nothing else is left to reject here.'
                : 'Select at least one request that still waits.'}
            </p>
            <LinkButton to={backTo}>Back to the queue</LinkButton>
          </div>
        ) : (
          <Form ref={form} method="post" preventScrollReset className="grid gap-5">
            <ul className="grid gap-2 text-sm">
              {chosen.map(({ key, requester }) => (
                <li key={key.id}>
                  <input type="hidden" name="keyId" value={key.id} />
                  <p className="flex flex-wrap items-center gap-2">
                    <span className="min-w-0 font-medium wrap-anywhere">{requester.name}</span>
                    <span className="min-w-0 wrap-anywhere">{key.tool.displayName}</span>
                    <EnvironmentBadge environment={key.environment} />
                  </p>
                  <p className="wrap-anywhere text-muted">“{key.purpose}”</p>
                </li>
              ))}
            </ul>
            <TextAreaField
              label="Reason"
              name="reason"
              required
              minLength={REASON_LENGTH.min}
              maxLength={REASON_LENGTH.max}
              defaultValue={result?.typed}
              error={result?.fields.reason}
              hint="Say what to do instead, if there is something."
            />
            <div className="flex flex-row-reverse justify-start gap-2">
              <Button variant="primary" busy={submitting}>
                Reject
              </Button>
              <LinkButton to={backTo} preventScrollReset variant="quiet">
                Cancel
              </LinkButton>
            </div>
          </Form>
        )}
      </div>
    </Drawer>
  );
}

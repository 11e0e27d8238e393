import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { z } from 'zod';
import { formErrorResponse, load } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { submitMany } from '~/api/submit-many.server';
import { REASON_LENGTH } from '~/core/limits';
import { rejectInput } from '~/requests/requests.schema';
import { EnvironmentBadge } from '~/ui/badge';
import { LinkButton } from '~/ui/button';
import { Drawer } from '~/ui/dialogs';
import { DrawerForm } from '~/ui/drawer-form';
import { TextAreaField } from '~/ui/field';
import { fieldProps } from '~/ui/field-props';
import { useStickyActionData } from '~/ui/form';
import { counted } from '~/ui/list-toolbar';
import { FormError } from '~/ui/notice';
import { PENDING_REQUESTS } from '~/ui/requests/pending-requests-params';

export const meta: MetaFunction = () => [{ title: 'Reject requests · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const chosen = new Set(new URL(args.request.url).searchParams.getAll('keyId'));
  const pending = await load(args, (api) => api.requests.pending());
  return pending.filter(({ key }) => chosen.has(key.id));
}

const rejectForm = z.object({ keyId: z.array(z.string()), reason: rejectInput.shape.reason });

export async function action(args: ActionFunctionArgs) {
  const { input, values, validate } = await readForm(args.request, rejectForm);
  const form = validate();
  if (!form.ok) return formErrorResponse(form, values);
  const { done, refused } = await submitMany(args, input.keyId, (api, keyId) =>
    api.requests.reject({ keyId, reason: form.data.reason }),
  );
  const message = `${counted(done, 'request')} rejected.`;
  if (refused.length === 0) {
    const { searchParams } = new URL(args.request.url);
    return redirectWithFlash(
      args,
      PENDING_REQUESTS.href(searchParams),
      `${message} The requester sees the reason.`,
    );
  }
  const fields: Record<string, string> = {};
  return data(
    { ok: false as const, message: [done > 0 ? message : '', ...refused].join(' ').trim(), fields, values },
    { status: 409 },
  );
}

export default function RejectRequests() {
  const requests = useLoaderData<typeof loader>();
  const error = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  const backTo = PENDING_REQUESTS.href(params);
  if (requests.length === 0) {
    return (
      <Drawer title="Reject requests" backTo={backTo}>
        <div className="grid justify-items-start gap-5">
          <FormError result={error} />
          <p>{error ? 'No other selected request is pending.' : 'Select at least one pending request.'}</p>
          <LinkButton to={backTo}>Back to pending requests</LinkButton>
        </div>
      </Drawer>
    );
  }
  return (
    <Drawer
      title={requests.length === 1 ? 'Reject the request' : `Reject ${requests.length} requests`}
      description="The requester sees your reason and can request again."
      backTo={backTo}
    >
      <DrawerForm result={error} submitLabel="Reject" backTo={backTo}>
        <ul className="grid gap-2 text-sm">
          {requests.map(({ key, requester }) => (
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
          {...fieldProps(error, 'reason')}
          required
          minLength={REASON_LENGTH.min}
          maxLength={REASON_LENGTH.max}
          hint="If possible, suggest what to do instead."
        />
      </DrawerForm>
    </Drawer>
  );
}

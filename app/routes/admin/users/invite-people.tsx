import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { useOrigin } from '~/routes/app-layout';
import { Button, LinkButton } from '~/ui/button';
import { Drawer } from '~/ui/dialogs';
import { SelectField, TextField } from '~/ui/field';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { FormError } from '~/ui/notice';
import { LeadsNowhere, OneTimeLink } from '~/ui/users/one-time-link';
import type { UserRole } from '~db/schema/enums';

export const meta: MetaFunction = () => [{ title: 'Invite somebody · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  // Whoever may not invite is told so here, not after filling the form in.
  await load(args, (api) => api.users.invitations());
  return null;
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const values = { email: String(form.get('email') ?? ''), role: String(form.get('role') ?? '') };
  const result = await submit(args, (api) =>
    api.users.invite({ email: values.email, role: values.role as UserRole }),
  );
  if (!result.ok)
    return formErrorResponse(result, values, { 'email-taken': 'email', 'already-invited': 'email' });
  return { ok: true as const, email: values.email, url: result.value.url };
}

export default function Invite() {
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  const origin = useOrigin();
  const [params] = useSearchParams();
  const backTo = `/admin/users?${params}`;
  if (result?.ok) {
    const description = `Whoever opens it can join as ${result.email}. It works once, within seven days, and is not shown again.`;
    return <OneTimeLink description={description} url={result.url} backTo={backTo} />;
  }
  return (
    <Drawer
      title="Invite somebody"
      description="You get a link to hand over. It works once, within seven days."
      backTo={backTo}
    >
      <Form ref={form} method="post" preventScrollReset noValidate className="grid gap-5">
        <FormError result={result} />
        <LeadsNowhere origin={origin} then="invite them" />
        <TextField
          label="Email"
          name="email"
          type="email"
          required
          defaultValue={result?.values.email}
          error={result?.fields.email}
          hint="What they will sign in with."
        />
        <SelectField
          label="Role"
          name="role"
          defaultValue={result?.values.role ?? 'member'}
          error={result?.fields.role}
          hint="Admins decide on requests, set up tools, see the audit trail and manage people."
        >
          <option value="member">member</option>
          <option value="admin">admin</option>
        </SelectField>
        <div className="flex flex-row-reverse justify-start gap-2">
          <Button variant="primary" busy={busy}>
            Create link
          </Button>
          <LinkButton to={backTo} preventScrollReset variant="quiet">
            Cancel
          </LinkButton>
        </div>
      </Form>
    </Drawer>
  );
}

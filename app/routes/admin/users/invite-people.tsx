import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { readForm } from '~/api/read-form.server';
import { useOrigin } from '~/routes/app-layout';
import { Drawer } from '~/ui/dialogs';
import { DrawerForm } from '~/ui/drawer-form';
import { SelectField, TextField } from '~/ui/field';
import { fieldProps } from '~/ui/field-props';
import { useStickyActionData } from '~/ui/form';
import { LoopbackLinkNotice, OneTimeLink } from '~/ui/users/one-time-link';
import { PEOPLE } from '~/ui/users/people-params';
import { inviteInput } from '~/users/users.schema';

export const meta: MetaFunction = () => [{ title: 'Invite people · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  // Refuses members before they fill in the form.
  await load(args, (api) => api.users.invitations());
  return null;
}

export async function action(args: ActionFunctionArgs) {
  const { input, values } = await readForm(args.request, inviteInput);
  const result = await submit(args, (api) => api.users.invite(input));
  if (!result.ok)
    return formErrorResponse(result, values, { 'email-taken': 'email', 'already-invited': 'email' });
  return { ok: true as const, email: values.email, url: result.value.url };
}

export default function Invite() {
  const result = useStickyActionData<typeof action>();
  const origin = useOrigin();
  const [params] = useSearchParams();
  const backTo = PEOPLE.href(params);
  if (result?.ok) {
    const description = `Lets the person who opens it join as ${result.email}. Works once, expires in 7 days, and isn’t shown again.`;
    return <OneTimeLink description={description} url={result.url} backTo={backTo} />;
  }
  return (
    <Drawer
      title="Invite people"
      description="Create a one-time link to send. It expires in 7 days."
      backTo={backTo}
    >
      <DrawerForm result={result} submitLabel="Create link" backTo={backTo}>
        <LoopbackLinkNotice origin={origin} />
        <TextField
          label="Email"
          {...fieldProps(result, 'email')}
          type="email"
          required
          hint="They sign in with it."
        />
        <SelectField
          label="Role"
          {...fieldProps(result, 'role', 'member')}
          hint="Admins decide on requests, manage tools and people, and see the audit trail."
        >
          <option value="member">member</option>
          <option value="admin">admin</option>
        </SelectField>
      </DrawerForm>
    </Drawer>
  );
}

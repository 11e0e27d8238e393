import {
  type ActionFunctionArgs,
  data,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { Form, useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { Button } from '~/ui/button';
import { ConfirmDialog } from '~/ui/dialogs';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { FormError } from '~/ui/notice';
import { userRoles } from '~db/schema/enums';

export const meta: MetaFunction = () => [{ title: 'Change a role · My AI Keys' }];

/** The role in the address: it stays what was asked for, whatever becomes of the person meanwhile. */
function roleOf({ params }: LoaderFunctionArgs) {
  const role = userRoles.find((one) => one === params.role);
  if (role === undefined) throw data({ message: 'There is no such role.' }, { status: 404 });
  return role;
}

export async function loader(args: LoaderFunctionArgs) {
  const person = await load(args, (api) => api.users.get({ userId: args.params.userId ?? '' }));
  return { person, role: roleOf(args) };
}

export async function action(args: ActionFunctionArgs) {
  const userId = args.params.userId ?? '';
  const result = await submit(args, (api) => api.users.setRole({ userId, role: roleOf(args) }));
  if (!result.ok) return formErrorResponse(result, {});
  const url = new URL(args.request.url);
  url.searchParams.set('done', 'set-role');
  return redirect(`/admin/users/${userId}${url.search}`, 303);
}

export default function ChangeRole() {
  const { person, role } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={role === 'admin' ? `Make ${person.name} an admin?` : `Make ${person.name} a member?`}
      description={
        <>
          <p className="break-all">{person.email}</p>
          <p>
            {role === 'admin'
              ? 'Admins decide on requests, set up tools, revoke anybody’s keys, see the audit trail and manage people, you included.'
              : 'They lose the admin pages at once, and the invitations that they handed out end. Their keys go on working.'}{' '}
            Their sessions end, and they sign in again with the new role.
          </p>
        </>
      }
      backTo={`/admin/users/${person.id}?${params}`}
    >
      <Form ref={form} method="post" preventScrollReset className="contents">
        <div className="order-first grid w-full gap-3 empty:hidden">
          <FormError result={result} />
        </div>
        <Button variant={role === 'admin' ? 'danger' : 'primary'} busy={busy}>
          {role === 'admin' ? 'Make admin' : 'Make member'}
        </Button>
      </Form>
    </ConfirmDialog>
  );
}

import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { ConfirmDialog } from '~/ui/confirm-dialog';
import { useStickyActionData } from '~/ui/form';
import { PEOPLE } from '~/ui/users/people-params';
import { userRoles } from '~db/schema/enums';

export const meta: MetaFunction = () => [{ title: 'Change a role · My AI Keys' }];

/** From the URL, so that the dialog and its action agree even if the person's role changes meanwhile. */
function roleOf({ params }: LoaderFunctionArgs) {
  const role = userRoles.find((one) => one === params.role);
  if (role === undefined) throw data({ message: 'This role does not exist.' }, { status: 404 });
  return role;
}

export async function loader(args: LoaderFunctionArgs) {
  const person = await load(args, (api) => api.users.get({ userId: args.params.userId ?? '' }));
  return { person, role: roleOf(args) };
}

export async function action(args: ActionFunctionArgs) {
  const { userId = '' } = args.params;
  const role = roleOf(args);
  const result = await submit(args, (api) => api.users.setRole({ userId, role }));
  if (!result.ok) return formErrorResponse(result, {});
  return redirectWithFlash(
    args,
    PEOPLE.childHref(userId, new URL(args.request.url).searchParams),
    'Role changed. Their sessions have ended.',
  );
}

const CONSEQUENCES = {
  admin:
    'Admins decide on requests, manage tools and people (including you), revoke anyone’s keys and see the audit trail.',
  member:
    'They lose access to the admin pages immediately, and invitations they created stop working. Their keys keep working.',
};

export default function ChangeRole() {
  const { person, role } = useLoaderData<typeof loader>();
  const error = useStickyActionData<typeof action>();
  const [params] = useSearchParams();
  return (
    <ConfirmDialog
      title={`Make ${person.name} ${role === 'admin' ? 'an admin' : 'a member'}?`}
      description={
        <>
          <p className="break-all">{person.email}</p>
          <p>{CONSEQUENCES[role]} Their sessions end, and they sign in again with the new role.</p>
        </>
      }
      backTo={PEOPLE.childHref(person.id, params)}
      confirmLabel={`Make ${role}`}
      variant={role === 'admin' ? 'danger' : 'primary'}
      result={error}
    />
  );
}

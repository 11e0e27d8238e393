import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { type Params, useLoaderData } from '@remix-run/react';
import { z } from 'zod';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import type { Caller } from '~/api/router.server';
import { confirmationError } from '~/api/typed-confirmation.server';
import { REASON_LENGTH } from '~/core/limits';
import { optionalReason } from '~/keys/keys.schema';
import { ConfirmDialog } from '~/ui/confirm-dialog';
import { TextField } from '~/ui/field';
import { fieldProps } from '~/ui/field-props';
import { useStickyActionData } from '~/ui/form';
import { counted } from '~/ui/list-toolbar';
import { SERVICE_ACCOUNTS } from '~/ui/service-accounts/service-accounts-params';
import { TOOLS } from '~/ui/tools/tools-params';
import { TypedConfirmation } from '~/ui/typed-confirmation';
import { PEOPLE } from '~/ui/users/people-params';
import { userRoles } from '~db/schema/enums';

/* The dialogs that ask before an admin archives, removes, disables, withdraws or promotes. Their URLs are in routes.ts. */

interface Question {
  title: string;
  /** What will happen, one paragraph each. */
  text: string[];
  confirmLabel: string;
  harmless?: boolean;
  /** Offers a field for a reason. */
  takesReason?: boolean;
  /** What has to be typed. */
  typed?: string;
}

interface Confirmation {
  /** How its URL ends. */
  url: RegExp;
  ask(api: Caller, params: Params): Promise<Question>;
  confirm(api: Caller, params: Params, reason: unknown): Promise<unknown>;
  message: string;
  parentHref(params: Params, search: URLSearchParams): string;
}

const toolDrawer = ({ tool = '' }: Params, search: URLSearchParams) => TOOLS.childHref(tool, search);
const personDrawer = ({ userId = '' }: Params, search: URLSearchParams) => PEOPLE.childHref(userId, search);

const CONFIRMATIONS: Confirmation[] = [
  {
    url: /\/archive$/,
    async ask(api, { tool = '' }) {
      const { displayName, liveKeys } = await api.tools.get({ tool });
      const keys =
        liveKeys === 0
          ? 'It has no live keys.'
          : `Its ${counted(liveKeys, 'live key')} stop working immediately, including running streams. Restoring the tool makes them work again.`;
      return {
        title: `Archive ${displayName}?`,
        text: [`Members no longer see it. ${keys}`],
        confirmLabel: 'Archive',
      };
    },
    confirm: (api, { tool = '' }) => api.tools.archive({ tool }),
    message: 'Tool archived. Its keys no longer work.',
    parentHref: toolDrawer,
  },
  {
    url: /\/credential\/remove$/,
    async ask(api, { tool = '' }) {
      const { displayName, liveKeys, needsCredential } = await api.tools.get({ tool });
      const calls = needsCredential
        ? 'Calls fail with 503 until you add another one.'
        : 'Calls are sent without a credential.';
      const keys = liveKeys === 0 ? '' : ` This affects ${counted(liveKeys, 'live key')}.`;
      return {
        title: `Remove the credential of ${displayName}?`,
        text: [`${calls}${keys} This can’t be undone.`],
        confirmLabel: 'Remove credential',
      };
    },
    confirm: (api, { tool = '' }) => api.tools.removeCredential({ tool }),
    message: 'Credential removed.',
    parentHref: toolDrawer,
  },
  {
    url: /\/service-accounts\/[^/]+\/disable$/,
    async ask(api, { accountId = '' }) {
      const { name, activeKeys } = await api.serviceAccounts.get({ serviceAccountId: accountId });
      const keys =
        activeKeys === 0
          ? 'It has no active keys.'
          : `Its ${counted(activeKeys, 'active key')} will be revoked. Anything using them stops working immediately, including running streams. This can’t be undone.`;
      return {
        title: `Disable ${name}?`,
        text: [`${keys} No key can be issued until an admin enables it.`],
        confirmLabel: 'Disable',
        takesReason: true,
        typed: name,
      };
    },
    confirm: (api, { accountId = '' }, reason) =>
      api.serviceAccounts.disable({ serviceAccountId: accountId, reason }),
    message: 'Service account disabled. Its active keys are revoked.',
    parentHref: ({ accountId = '' }, search) => SERVICE_ACCOUNTS.childHref(accountId, search),
  },
  {
    url: /\/users\/[^/]+\/disable$/,
    async ask(api, { userId = '' }) {
      const { name, email, activeKeys, pendingRequests } = await api.users.get({ userId });
      const keys =
        activeKeys + pendingRequests === 0
          ? 'They have no live keys.'
          : `${counted(activeKeys, 'active key')} will be revoked and ${counted(pendingRequests, 'request')} withdrawn, immediately. This can’t be undone.`;
      return {
        title: `Disable ${name}?`,
        text: [
          email,
          `${keys} They are signed out everywhere and can’t sign in until an admin enables them.`,
        ],
        confirmLabel: 'Disable',
        takesReason: true,
      };
    },
    confirm: (api, { userId = '' }, reason) => api.users.disable({ userId, reason }),
    message: 'Disabled. They are signed out, their keys are revoked and their requests withdrawn.',
    parentHref: personDrawer,
  },
  {
    // The URL names the role, so that the dialog and its action agree even if the person's role changes meanwhile.
    url: /\/role\/[^/]+$/,
    async ask(api, params) {
      const role = roleOf(params);
      const { name, email } = await api.users.get({ userId: params.userId ?? '' });
      const consequence =
        role === 'admin'
          ? 'Admins decide on requests, manage tools and people (including you), revoke anyone’s keys and see the audit trail.'
          : 'They lose access to the admin pages immediately, and invitations they created stop working. Their keys keep working.';
      return {
        title: `Make ${name} ${role === 'admin' ? 'an admin' : 'a member'}?`,
        text: [email, `${consequence} Their sessions end, and they sign in again with the new role.`],
        confirmLabel: `Make ${role}`,
        harmless: role === 'member',
      };
    },
    confirm: (api, params) => api.users.setRole({ userId: params.userId ?? '', role: roleOf(params) }),
    message: 'Role changed. Their sessions have ended.',
    parentHref: personDrawer,
  },
  {
    url: /\/withdraw$/,
    async ask(api, { invitationId }) {
      const invitation = (await api.users.invitations()).find(({ id }) => id === invitationId);
      if (invitation === undefined) throw notFound('This invitation was used, withdrawn or has expired.');
      return {
        title: 'Withdraw the invitation?',
        text: [`The link for ${invitation.email} stops working. You can invite them again.`],
        confirmLabel: 'Withdraw',
      };
    },
    confirm: (api, { invitationId = '' }) => api.users.revokeInvitation({ invitationId }),
    message: 'Invitation withdrawn.',
    parentHref: (_params, search) => PEOPLE.href(search),
  },
];

const notFound = (message: string) => data({ message }, { status: 404 });

function roleOf({ role }: Params) {
  const known = userRoles.find((one) => one === role);
  if (known === undefined) throw notFound('This role does not exist.');
  return known;
}

function findConfirmation({ request, params }: LoaderFunctionArgs) {
  const { pathname, searchParams } = new URL(request.url);
  const confirmation = CONFIRMATIONS.find(({ url }) => url.test(pathname));
  if (confirmation === undefined) throw new Error(`no confirmation for ${pathname}`);
  return { ...confirmation, backTo: confirmation.parentHref(params, searchParams) };
}

export const meta: MetaFunction<typeof loader> = (page) => [
  { title: `${page.data?.title ?? 'Confirm'} · My AI Keys` },
];

export async function loader(args: LoaderFunctionArgs) {
  const { ask, backTo } = findConfirmation(args);
  return { ...(await load(args, (api) => ask(api, args.params))), backTo };
}

const confirmForm = z.object({ reason: optionalReason, confirmation: z.string() });

export async function action(args: ActionFunctionArgs) {
  const { confirm, message } = findConfirmation(args);
  const { input, values } = await readForm(args.request, confirmForm);
  const { typed = null, backTo } = await loader(args);
  const unconfirmed = confirmationError(typed, input.confirmation);
  if (unconfirmed !== null) return formErrorResponse(unconfirmed, values);
  const result = await submit(args, (api) => confirm(api, args.params, input.reason));
  return result.ok ? redirectWithFlash(args, backTo, message) : formErrorResponse(result, values);
}

export default function ConfirmAction() {
  const question = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  return (
    <ConfirmDialog
      title={question.title}
      description={question.text.map((paragraph) => <p key={paragraph}>{paragraph}</p>)}
      backTo={question.backTo}
      confirmLabel={question.confirmLabel}
      variant={question.harmless ? 'primary' : 'danger'}
      result={result}
    >
      {question.takesReason ? (
        <TextField
          label="Reason"
          {...fieldProps(result, 'reason')}
          maxLength={REASON_LENGTH.max}
          hint="Optional. Recorded on the audit trail and shown with each revoked key."
        />
      ) : null}
      <TypedConfirmation expected={question.typed ?? null} {...fieldProps(result, 'confirmation')} />
    </ConfirmDialog>
  );
}

import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, useLoaderData } from '@remix-run/react';
import { z } from 'zod';
import { formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { changePasswordInput } from '~/auth/auth.schema';
import { PASSWORD_HINT } from '~/auth/password-rule';
import { PasswordField } from '~/ui/auth/password-field';
import { SessionList } from '~/ui/auth/session-list';
import { Button } from '~/ui/button';
import { IntentButton } from '~/ui/detail-drawer';
import { useFocusOnError, useStickyActionData, useSubmitting } from '~/ui/form';
import { FormError } from '~/ui/notice';
import { PageHeader, Panel, Section } from '~/ui/page';

export const meta: MetaFunction = () => [{ title: 'Account · My AI Keys' }];

export async function loader(args: LoaderFunctionArgs) {
  const [session, sessions] = await load(args, (api) =>
    Promise.all([api.auth.session(), api.auth.sessions()]),
  );
  return { user: session?.user ?? null, sessions, now: args.context.trpc.app.now() };
}

const ACCOUNT = '/me/account';

export async function action(args: ActionFunctionArgs) {
  const { input } = await readForm(args.request, changePasswordInput.extend({ intent: z.string() }));
  if (input.intent === 'end-others') {
    await load(args, (api) => api.auth.endOtherSessions());
    return await redirectWithFlash(args, ACCOUNT, 'You are signed out everywhere else.');
  }
  const result = await submit(args, (api) => api.auth.changePassword(input));
  if (result.ok) {
    const message = 'Password changed. You stay signed in here and are signed out everywhere else.';
    return await redirectWithFlash(args, ACCOUNT, message);
  }
  return formErrorResponse(
    result,
    {},
    {
      'wrong-password': 'currentPassword',
      'weak-password': 'newPassword',
      unchanged: 'newPassword',
    },
  );
}

export default function Account() {
  const { user, sessions, now } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const signedInAt = sessions.find(({ current }) => current)?.createdAt;
  return (
    <>
      <PageHeader title="Account">{user ? `${user.name}, ${user.email}, ${user.role}` : null}</PageHeader>
      <Section id="password" title="Password" note="Changing your password signs you out everywhere else.">
        <Panel className="p-5">
          {/* Changing the password starts a new session: the form is empty again. */}
          <ChangePassword key={signedInAt} email={user?.email ?? ''} result={result} />
        </Panel>
      </Section>
      <div className="mt-8">
        <Section
          id="sessions"
          title="Sessions"
          note="A session expires after 7 days without use, and after 30 days at the latest."
        >
          <Panel>
            <SessionList sessions={sessions} now={now} />
          </Panel>
          {sessions.length > 1 ? (
            <div className="mt-3">
              <IntentButton intent="end-others">Sign out everywhere else</IntentButton>
            </div>
          ) : null}
        </Section>
      </div>
    </>
  );
}

type Result = ReturnType<typeof useStickyActionData<typeof action>>;

function ChangePassword({ email, result }: { email: string; result: Result }) {
  const form = useFocusOnError(result);
  const busy = useSubmitting();
  return (
    <Form ref={form} method="post" preventScrollReset noValidate className="grid max-w-[26rem] gap-4">
      <FormError result={result} />
      {/* Tells password managers whose password it is. */}
      <input type="text" name="email" autoComplete="username" value={email} readOnly hidden />
      <PasswordField
        label="Current password"
        name="currentPassword"
        autoComplete="current-password"
        required
        error={result?.fields.currentPassword}
      />
      <PasswordField
        label="New password"
        name="newPassword"
        autoComplete="new-password"
        required
        hint={PASSWORD_HINT}
        error={result?.fields.newPassword}
      />
      <Button variant="primary" busy={busy} className="justify-self-start">
        Change password
      </Button>
    </Form>
  );
}

import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { z } from 'zod';
import { dispatchIntent, formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { redirectWithFlash } from '~/api/flash.server';
import { readForm } from '~/api/read-form.server';
import { useOrigin } from '~/routes/app-layout';
import { SHOWS_FLASH } from '~/ui/flash-notice';
import { useStickyActionData } from '~/ui/form';
import { OneTimeLink } from '~/ui/users/one-time-link';
import { PEOPLE } from '~/ui/users/people-params';
import { PersonDrawer } from '~/ui/users/person-drawer';

export const handle = SHOWS_FLASH;

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.person.name ?? 'Person'} · My AI Keys` },
];

export async function loader(args: LoaderFunctionArgs) {
  const userId = args.params.userId ?? '';
  const [person, session] = await load(args, (api) =>
    Promise.all([api.users.get({ userId }), api.auth.session()]),
  );
  return { person, isSelf: person.id === session?.user.id, now: args.context.trpc.app.now() };
}

const intentForm = z.object({ intent: z.string() });

export async function action(args: ActionFunctionArgs) {
  const { userId = '' } = args.params;
  const { intent } = (await readForm(args.request, intentForm)).input;
  if (intent === 'reset-link') {
    const created = await submit(args, (api) => api.users.makeResetLink({ userId }));
    return created.ok ? { ok: true as const, url: created.value.url } : formErrorResponse(created, {});
  }
  const result = await submit(args, (api) =>
    dispatchIntent(
      intent,
      {
        'end-sessions': () => api.users.endSessions({ userId }).then(() => 'Signed out everywhere.'),
        enable: () => api.users.enable({ userId }).then(() => 'Enabled. Revoked keys stay revoked.'),
      },
      () => api.users.get({ userId }),
    ),
  );
  if (!result.ok) return formErrorResponse(result, {});
  return redirectWithFlash(
    args,
    PEOPLE.childHref(userId, new URL(args.request.url).searchParams),
    result.value,
  );
}

export default function Person() {
  const { person, isSelf, now } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const origin = useOrigin();
  const [params] = useSearchParams();
  if (result?.ok) {
    return (
      <OneTimeLink
        description={`Lets the person who opens it choose a new password for ${person.email} and sign in. Works once, expires in 24 hours, and isn’t shown again.`}
        url={result.url}
        backTo={PEOPLE.childHref(person.id, params)}
      />
    );
  }
  return <PersonDrawer person={person} isSelf={isSelf} origin={origin} now={now} error={result} />;
}

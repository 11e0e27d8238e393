import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { dispatchIntent, formErrorResponse, load, submit } from '~/api/call-from-route.server';
import { useOrigin } from '~/routes/app-layout';
import { Drawer } from '~/ui/dialogs';
import { useStickyActionData } from '~/ui/form';
import { OneTimeLink } from '~/ui/users/one-time-link';
import { PersonDetails } from '~/ui/users/person-details';

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

export async function action(args: ActionFunctionArgs) {
  const userId = args.params.userId ?? '';
  const form = await args.request.formData();
  const intent = String(form.get('intent') ?? '');
  if (intent === 'reset-link') {
    const made = await submit(args, (api) => api.users.makeResetLink({ userId }));
    return made.ok ? { ok: true as const, url: made.value.url } : formErrorResponse(made, {});
  }
  const result = await submit(args, (api) => {
    const ways = {
      'end-sessions': () => api.users.endSessions({ userId }),
      enable: () => api.users.enable({ userId }),
    };
    return dispatchIntent(intent, ways, () => api.users.get({ userId }));
  });
  if (!result.ok) return formErrorResponse(result, {});
  const url = new URL(args.request.url);
  url.searchParams.set('done', intent);
  return redirect(`/admin/users/${userId}${url.search}`, 303);
}

export default function Person() {
  const { person, isSelf, now } = useLoaderData<typeof loader>();
  const result = useStickyActionData<typeof action>();
  const origin = useOrigin();
  const [params] = useSearchParams();
  const kept = new URLSearchParams(params);
  kept.delete('done');
  if (result?.ok) {
    const description = `Whoever opens it chooses a new password for ${person.email} and is signed in as them. It works once, within 24 hours, and is not shown again.`;
    return (
      <OneTimeLink description={description} url={result.url} backTo={`/admin/users/${person.id}?${kept}`} />
    );
  }
  return (
    <Drawer title={person.name} description={person.email} backTo={`/admin/users?${kept}`}>
      <PersonDetails
        person={person}
        isSelf={isSelf}
        origin={origin}
        now={now}
        refused={result}
        done={params.get('done')}
        search={kept.toString()}
      />
    </Drawer>
  );
}

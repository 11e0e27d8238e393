import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams } from '@remix-run/react';
import { UserPlus } from 'lucide-react';
import { load } from '~/api/call-from-route.server';
import { LinkButton } from '~/ui/button';
import { ListPage } from '~/ui/list-page';
import { readSearch } from '~/ui/list-state';
import { counted } from '~/ui/list-toolbar';
import { Panel, Section } from '~/ui/page';
import { InvitationList } from '~/ui/users/invitation-list';
import { PEOPLE, PEOPLE_ORDERS } from '~/ui/users/people-params';
import { PeopleTable } from '~/ui/users/people-table';
import type { ListUsersInput } from '~/users/users.schema';

export const meta: MetaFunction = () => [{ title: 'People · My AI Keys' }];

const FILTERS: { label: string; value: string; input: ListUsersInput }[] = [
  { label: 'All', value: '', input: {} },
  { label: 'Admins', value: 'admins', input: { role: 'admin' } },
  { label: 'Members', value: 'members', input: { role: 'member' } },
  { label: 'Disabled', value: 'disabled', input: { state: 'disabled' } },
];

export async function loader(args: LoaderFunctionArgs) {
  const { searchParams } = new URL(args.request.url);
  const filter = FILTERS.find(({ value }) => value === searchParams.get('show'));
  const input = { ...filter?.input, search: readSearch(searchParams) };
  const [people, invitations, session] = await load(args, (api) =>
    Promise.all([api.users.list(input), api.users.invitations(), api.auth.session()]),
  );
  return { people, invitations, self: session?.user.id ?? '', now: args.context.trpc.app.now() };
}

export default function People() {
  const { people, invitations, self, now } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  return (
    <ListPage
      title="People"
      intro="Everyone who can sign in. Invite people with one-time links."
      list={PEOPLE}
      rows={people}
      nouns={['person', 'people']}
      searchedIn="name or email"
      filters={FILTERS}
      orders={PEOPLE_ORDERS}
      addButton={
        <LinkButton to={PEOPLE.childHref('invite', params)} variant="primary" preventScrollReset>
          <UserPlus aria-hidden className="size-4" />
          Invite
        </LinkButton>
      }
      purpose="People join with one-time links."
      table={(rows) => <PeopleTable people={rows} now={now} self={self} />}
    >
      {invitations.length > 0 ? (
        <div className="mt-8">
          <Section
            id="open-invitations"
            title="Open invitations"
            aside={<span className="text-sm text-muted">{counted(invitations.length, 'invitation')}</span>}
          >
            <Panel>
              <InvitationList invitations={invitations} now={now} />
            </Panel>
          </Section>
        </div>
      ) : null}
    </ListPage>
  );
}

import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Outlet, useLoaderData, useSearchParams } from '@remix-run/react';
import { UserPlus } from 'lucide-react';
import { load } from '~/api/call-from-route.server';
import { LinkButton } from '~/ui/button';
import { readSearch, sortRows } from '~/ui/list-state';
import { counted, ListToolbar } from '~/ui/list-toolbar';
import { EmptyState, PageHeader, Panel, Section } from '~/ui/page';
import { InvitationList } from '~/ui/users/invitation-list';
import { PEOPLE, PEOPLE_ORDERS } from '~/ui/users/people-params';
import { PeopleTable } from '~/ui/users/people-table';
import type { ListUsersInput } from '~/users/users.schema';

export const meta: MetaFunction = () => [{ title: 'People · My AI Keys' }];

const CHIPS: { label: string; value: string; filter: ListUsersInput }[] = [
  { label: 'All', value: '', filter: {} },
  { label: 'Admins', value: 'admins', filter: { role: 'admin' } },
  { label: 'Members', value: 'members', filter: { role: 'member' } },
  { label: 'Disabled', value: 'disabled', filter: { state: 'disabled' } },
];

export async function loader(args: LoaderFunctionArgs) {
  const { searchParams } = new URL(args.request.url);
  const chip = CHIPS.find(({ value }) => value === searchParams.get('show'));
  const [people, invitations, session] = await load(args, (api) =>
    Promise.all([
      api.users.list({ ...chip?.filter, search: readSearch(searchParams) }),
      api.users.invitations(),
      api.auth.session(),
    ]),
  );
  return { people, invitations, self: session?.user.id ?? '', now: args.context.trpc.app.now() };
}

export default function People() {
  const { people, invitations, self, now } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  return (
    <>
      <PageHeader
        title="People"
        actions={
          <LinkButton to={PEOPLE.childHref('invite', params)} variant="primary" preventScrollReset>
            <UserPlus aria-hidden className="size-4" />
            Invite
          </LinkButton>
        }
      >
        Everyone who can sign in. Invite people with one-time links.
      </PageHeader>
      <ListToolbar
        list={PEOPLE}
        searchLabel="Search people"
        placeholder="Search by name or email"
        chips={{
          param: 'show',
          label: 'Show people',
          options: CHIPS.map(({ label, value }) => ({ label, value })),
        }}
        sort={{ options: PEOPLE_ORDERS }}
        count={people.length === 1 ? '1 person' : `${people.length.toLocaleString('en')} people`}
      />
      <Panel className="overflow-clip">
        {people.length > 0 ? (
          <PeopleTable people={sortRows(people, PEOPLE_ORDERS, params)} now={now} self={self} />
        ) : (
          <EmptyState
            title="No person matches"
            action={<LinkButton to={PEOPLE.path}>Clear filters</LinkButton>}
          >
            Search covers names and email addresses.
          </EmptyState>
        )}
      </Panel>
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
      <Outlet />
    </>
  );
}

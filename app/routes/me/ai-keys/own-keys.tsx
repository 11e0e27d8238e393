import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import {
  Link,
  Outlet,
  type ShouldRevalidateFunction,
  useLoaderData,
  useSearchParams,
} from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { useIsAdmin } from '~/routes/app-layout';
import { LinkButton } from '~/ui/button';
import { KeyTable } from '~/ui/keys/key-table';
import {
  endedAskedFor,
  filterKeys,
  leaveOutOlder,
  matchesTool,
  OWN_KEYS,
  readFilter,
} from '~/ui/keys/own-keys-params';
import { StatusAnnouncer } from '~/ui/keys/status-announcer';
import { counted, ListToolbar } from '~/ui/list-toolbar';
import { EmptyState, PageHeader, Panel, Section } from '~/ui/page';
import { skipIfOnlyQueryChanged } from '~/ui/should-revalidate';
import { AvailableTools } from '~/ui/tools/available-tools';

export const meta: MetaFunction = () => [{ title: 'My AI Keys' }];

/** The browser filters what it has; only how many ended keys are listed is the server's to answer. */
export const shouldRevalidate: ShouldRevalidateFunction = (args) => {
  const asked = ({ searchParams }: URL) => endedAskedFor(searchParams);
  return asked(args.currentUrl) !== asked(args.nextUrl) || skipIfOnlyQueryChanged(args);
};

export async function loader(args: LoaderFunctionArgs) {
  const ended = endedAskedFor(new URL(args.request.url).searchParams);
  const [keys, tools] = await load(args, (api) =>
    Promise.all([api.keys.mine({ ended }), api.tools.available()]),
  );
  return { ...leaveOutOlder(keys, ended), tools, now: args.context.trpc.app.now() };
}

export default function OwnKeys() {
  const { keys, older, tools, now } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const isAdmin = useIsAdmin();
  const filter = readFilter(params);
  const filters = OWN_KEYS.fields(params);
  const shownKeys = filterKeys(keys, filter);
  const shownTools = tools.filter((tool) => matchesTool(tool, filter.query));
  const own = (
    <Section key="own" id="your-keys" title="Your keys">
      <Panel>
        {shownKeys.length > 0 ? (
          <KeyTable keys={shownKeys} now={now} label="your-keys" filters={filters} />
        ) : keys.length > 0 && filter.query !== '' ? (
          <NoMatch what="None of your keys" />
        ) : keys.length > 0 ? (
          <EmptyState
            title="None of your keys is live"
            action={<LinkButton to="/me/ai-keys">Show all keys</LinkButton>}
          >
            Request one from the tools below. Those that were revoked or rejected are under All.
          </EmptyState>
        ) : (
          <EmptyState
            title="No keys yet"
            action={tools.length > 0 && <LinkButton to="#available-tools">Choose a tool</LinkButton>}
          >
            A key lets you call an AI tool through this server, under your name. The keys that you request are
            listed here.
          </EmptyState>
        )}
        {older && filter.show === 'all' ? <OlderLeftOut params={params} /> : null}
      </Panel>
    </Section>
  );
  const available = (
    <Section key="available" id="available-tools" title="Available tools">
      <Panel>
        {shownTools.length > 0 ? (
          <AvailableTools tools={shownTools} label="available-tools" filters={filters} />
        ) : tools.length > 0 ? (
          <NoMatch what="No tool" />
        ) : keys.some(({ status }) => status === 'ACTIVE') ? (
          <EmptyState title="You hold an active key for every tool">
            For another environment, use the menu beside a key.
          </EmptyState>
        ) : (
          <EmptyState
            title="The catalogue is empty"
            action={isAdmin && <LinkButton to="/admin/ai/tools">Go to the catalogue</LinkButton>}
          >
            {isAdmin
              ? 'No AI tool can be requested. Add one, or restore one that was archived.'
              : 'No AI tool can be requested yet. Ask the admin who invited you to add one under Settings → AI → Tools.'}
          </EmptyState>
        )}
      </Panel>
    </Section>
  );

  return (
    <>
      <PageHeader title="My AI keys">
        Pick the tool you use, say where and what for, and paste the key.
      </PageHeader>
      <ListToolbar
        list={OWN_KEYS}
        searchLabel="Search tools"
        placeholder="Search by tool name or slug"
        chips={{
          param: 'show',
          label: 'Show keys',
          options: [
            { label: 'All', value: '' },
            { label: 'Live', value: 'live' },
          ],
        }}
        sort={{
          options: [
            { label: 'Newest first', value: '' },
            { label: 'By tool', value: 'tool' },
            { label: 'Last used first', value: 'used' },
          ],
        }}
        count={`${counted(shownKeys.length, 'key')}, ${counted(shownTools.length, 'tool')}`}
      />
      <StatusAnnouncer keys={keys} />
      {/* Who holds nothing yet came to request: the tools come first. */}
      {keys.length === 0 ? [available, own] : [own, available]}
      <Outlet />
    </>
  );
}

/** Says that the list is not whole, and leads to the whole. */
function OlderLeftOut({ params }: { params: URLSearchParams }) {
  return (
    <p className="border-t border-line px-4 py-3 text-sm text-muted">
      Older keys that have ended are left out.{' '}
      <Link
        to={OWN_KEYS.href(params, { ended: 'all' })}
        preventScrollReset
        className="text-accent hover:underline"
      >
        List all of them
      </Link>
    </p>
  );
}

function NoMatch({ what }: { what: string }) {
  return (
    <EmptyState title={`${what} matches`} action={<LinkButton to="/me/ai-keys">Clear filters</LinkButton>}>
      Search looks at tool names and slugs.
    </EmptyState>
  );
}

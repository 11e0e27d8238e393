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
  endedLimit,
  filterKeys,
  matchesTool,
  OWN_KEYS,
  readFilter,
  withoutOldest,
} from '~/ui/keys/own-keys-params';
import { StatusAnnouncer } from '~/ui/keys/status-announcer';
import { counted, ListToolbar } from '~/ui/list-toolbar';
import { NoMatch } from '~/ui/no-match';
import { EmptyState, PageHeader, Panel, Section } from '~/ui/page';
import { skipIfOnlyQueryChanged } from '~/ui/should-revalidate';
import { AvailableTools } from '~/ui/tools/available-tools';

export const meta: MetaFunction = () => [{ title: 'My AI Keys' }];

/** The browser filters by itself. Only the number of ended keys to list needs the server. */
export const shouldRevalidate: ShouldRevalidateFunction = (args) => {
  const limit = ({ searchParams }: URL) => endedLimit(searchParams);
  return limit(args.currentUrl) !== limit(args.nextUrl) || skipIfOnlyQueryChanged(args);
};

export async function loader(args: LoaderFunctionArgs) {
  const limit = endedLimit(new URL(args.request.url).searchParams);
  const [keys, tools] = await load(args, (api) =>
    Promise.all([api.keys.mine({ ended: limit }), api.tools.available()]),
  );
  return { ...withoutOldest(keys, limit), tools, now: args.context.trpc.app.now() };
}

export default function OwnKeys() {
  const { keys, older, tools, now } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const filter = readFilter(params);
  const shownKeys = filterKeys(keys, filter);
  const shownTools = tools.filter((tool) => matchesTool(tool, filter.query));
  const fields = OWN_KEYS.fields(params);

  const yourKeys = (
    <Section key="keys" id="your-keys" title="Your keys">
      <Panel>
        {shownKeys.length > 0 ? (
          <KeyTable keys={shownKeys} now={now} headingId="your-keys" filters={fields} />
        ) : (
          <NoKeys keys={keys} tools={tools} query={filter.query} />
        )}
        {older && filter.show === 'all' ? (
          <OlderKeysHidden href={OWN_KEYS.href(params, { ended: 'all' })} />
        ) : null}
      </Panel>
    </Section>
  );
  const availableTools = (
    <Section key="tools" id="available-tools" title="Available tools">
      <Panel>
        {shownTools.length > 0 ? (
          <AvailableTools tools={shownTools} label="available-tools" filters={fields} />
        ) : (
          <NoTools keys={keys} tools={tools} />
        )}
      </Panel>
    </Section>
  );

  return (
    <>
      <PageHeader title="My AI Keys">Request a key for an AI tool and paste it into your client.</PageHeader>
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
      {/* Someone without keys came to request one. */}
      {keys.length === 0 ? [availableTools, yourKeys] : [yourKeys, availableTools]}
      <Outlet />
    </>
  );
}

const SEARCH_SCOPE = 'Search covers tool names and slugs.';

type LoaderData = ReturnType<typeof useLoaderData<typeof loader>>;

function NoKeys({ keys, tools, query }: Pick<LoaderData, 'keys' | 'tools'> & { query: string }) {
  if (keys.length === 0) {
    return (
      <EmptyState
        title="No keys yet"
        action={tools.length > 0 && <LinkButton to="#available-tools">Choose a tool</LinkButton>}
      >
        With a key, you call an AI tool through this server, under your name. Keys that you request appear
        here.
      </EmptyState>
    );
  }
  if (query !== '')
    return (
      <NoMatch list={OWN_KEYS} title="No key matches">
        {SEARCH_SCOPE}
      </NoMatch>
    );
  return (
    <EmptyState title="No live keys" action={<LinkButton to={OWN_KEYS.path}>Show all keys</LinkButton>}>
      Request one from the tools below. Revoked and rejected keys are under All.
    </EmptyState>
  );
}

function NoTools({ keys, tools }: Pick<LoaderData, 'keys' | 'tools'>) {
  const isAdmin = useIsAdmin();
  if (tools.length > 0)
    return (
      <NoMatch list={OWN_KEYS} title="No tool matches">
        {SEARCH_SCOPE}
      </NoMatch>
    );
  if (keys.some(({ status }) => status === 'ACTIVE')) {
    return (
      <EmptyState title="You have an active key for every tool">
        For another environment, use the menu next to a key.
      </EmptyState>
    );
  }
  return isAdmin ? (
    <EmptyState title="No tools yet" action={<LinkButton to="/admin/ai/tools">Go to tools</LinkButton>}>
      Add a tool, or restore an archived one.
    </EmptyState>
  ) : (
    <EmptyState title="No tools yet">Ask an admin to add one under Settings → AI → Tools.</EmptyState>
  );
}

function OlderKeysHidden({ href }: { href: string }) {
  return (
    <p className="border-t border-line px-4 py-3 text-sm text-muted">
      Older revoked and rejected keys are hidden.{' '}
      <Link to={href} preventScrollReset className="text-accent hover:underline">
        Show all
      </Link>
    </p>
  );
}

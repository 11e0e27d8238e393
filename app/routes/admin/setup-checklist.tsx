import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { Circle, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { load } from '~/api/call-from-route.server';
import { LinkButton } from '~/ui/button';
import { PageHeader, Panel } from '~/ui/page';

export const meta: MetaFunction = () => [{ title: 'Get started · My AI Keys' }];

/** Which setup steps are done, derived from the data. */
export async function loader(args: LoaderFunctionArgs) {
  const [tools, users, invitations, keys] = await load(args, (api) =>
    Promise.all([api.tools.list(), api.users.list(), api.users.invitations(), api.keys.mine()]),
  );
  return {
    connected: tools.some(({ credential }) => credential !== null),
    invited: users.length + invitations.length > 1,
    tried: keys.some(({ tool, lastUsedAt }) => tool.slug === 'echo' && lastUsedAt !== null),
  };
}

export default function SetupChecklist() {
  const { connected, invited, tried } = useLoaderData<typeof loader>();
  const done = [connected, invited, tried].filter(Boolean).length;
  return (
    <>
      <PageHeader title="Get started">
        {done === 3 ? 'All done. The server is ready for your team.' : `${done} of 3 done`}
      </PageHeader>
      <Panel>
        <ol>
          <Step
            done={tried}
            title="Try the built-in tool"
            action={<LinkButton to="/me/ai-keys/request/echo">Request an Echo key</LinkButton>}
          >
            Echo is a test tool built into this server. Request a key, run the curl command and watch{' '}
            <em>Last used</em> update.
          </Step>
          <Step
            done={connected}
            title="Connect a tool"
            action={<LinkButton to="/admin/ai/tools">Add a credential</LinkButton>}
          >
            Add your organisation’s credential to a tool. It is stored encrypted, never shown again, and sent
            only to that provider.
          </Step>
          <Step
            done={invited}
            title="Invite people"
            action={<LinkButton to="/admin/users/invite">Invite people</LinkButton>}
          >
            Create a one-time link for each person. With a second admin, someone else can approve your
            production keys.
          </Step>
        </ol>
      </Panel>
    </>
  );
}

function Step({
  done,
  title,
  action,
  children,
}: {
  done: boolean;
  title: string;
  action: ReactNode;
  children: ReactNode;
}) {
  const Icon = done ? CircleCheck : Circle;
  return (
    <li className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-3 border-b border-line p-4 last:border-b-0 sm:grid-cols-[auto_1fr_auto] sm:items-center">
      <Icon aria-hidden className={`mt-0.5 size-5 self-start ${done ? 'text-good' : 'text-muted'}`} />
      <div className="grid gap-0.5">
        <p className="font-medium">
          {title}
          <span className={done ? 'ml-2 text-sm font-normal text-good' : 'sr-only'}>
            {done ? 'Done' : ' (to do)'}
          </span>
        </p>
        <p className="max-w-[40rem] text-sm text-muted">{children}</p>
      </div>
      <div className="col-start-2 sm:col-start-3">{action}</div>
    </li>
  );
}

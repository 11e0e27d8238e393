import type { LoaderFunctionArgs } from '@remix-run/node';
import { Outlet, redirect, useLoaderData, useLocation, useRouteLoaderData } from '@remix-run/react';
import type { ReactNode } from 'react';
import { load } from '~/api/call-from-route.server';
import { takeFlash } from '~/api/flash.server';
import { ErrorPage } from '~/ui/error-page';
import { FlashProvider, PageFlashNotice } from '~/ui/flash-notice';
import { Navigation } from '~/ui/navigation';
import { RouteAnnouncer } from '~/ui/route-announcer';
import { skipIfOnlyQueryChanged } from '~/ui/should-revalidate';
import { version } from '../../package.json';
import { useLiveData } from './use-live-data';

export const shouldRevalidate = skipIfOnlyQueryChanged;

/** The layout for signed-in people. It protects nothing: loaders run in parallel, and each procedure checks access. */
export async function loader(args: LoaderFunctionArgs) {
  const { pathname, search } = new URL(args.request.url);
  const session = await load(args, (api) => api.auth.session());
  if (session === null) throw redirect(`/sign-in?next=${encodeURIComponent(pathname + search)}`);
  const pending =
    session.user.role === 'admin' ? await load(args, (api) => api.requests.countPending()) : null;
  return {
    user: session.user,
    pending,
    flash: await takeFlash(args),
    origin: args.context.trpc.app.config.origin,
    version,
  };
}

export default function AppLayout() {
  const { user, pending, flash, version } = useLoaderData<typeof loader>();
  const { pathname } = useLocation();
  const isForbidden = user.role !== 'admin' && /^\/admin(\/|$)/.test(pathname);
  useLiveData(!isForbidden);
  return (
    <Frame navigation={<Navigation user={user} pending={pending} />} version={version}>
      <FlashProvider loaded={flash}>
        <PageFlashNotice />
        <Outlet />
      </FlashProvider>
      <RouteAnnouncer />
    </Frame>
  );
}

/** Keeps the navigation if a page below fails; if the layout itself fails there is none. */
export function ErrorBoundary() {
  const layout = useRouteLoaderData<typeof loader>('routes/app-layout');
  return (
    <Frame
      navigation={layout && <Navigation user={layout.user} pending={layout.pending} />}
      version={layout?.version}
    >
      <ErrorPage />
    </Frame>
  );
}

interface FrameProps {
  navigation?: ReactNode;
  version?: string;
  children: ReactNode;
}

function Frame({ navigation, version, children }: FrameProps) {
  return (
    <div className="lg:flex">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-surface px-3 py-2 text-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      {navigation}
      <div className="flex min-w-0 flex-1 flex-col lg:min-h-dvh">
        <main id="main" tabIndex={-1} className="flex-1 px-4 py-6 sm:px-8 sm:py-8">
          <div className="mx-auto max-w-[72rem]">{children}</div>
        </main>
        {version === undefined ? null : (
          <footer className="px-4 pb-4 text-xs text-muted sm:px-8">
            <div className="mx-auto max-w-[72rem]">My AI Keys {version}</div>
          </footer>
        )}
      </div>
    </div>
  );
}

/** Whether the signed-in person is an admin, to show or hide things. It protects nothing. */
export function useIsAdmin(): boolean {
  return useRouteLoaderData<typeof loader>('routes/app-layout')?.user.role === 'admin';
}

/** The server's public URL, for client settings. */
export function useOrigin(): string {
  return useRouteLoaderData<typeof loader>('routes/app-layout')?.origin ?? '';
}

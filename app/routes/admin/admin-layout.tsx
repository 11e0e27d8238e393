import type { LoaderFunctionArgs } from '@remix-run/node';
import { Outlet } from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { ErrorPage } from '~/ui/error-page';
import { skipIfOnlyQueryChanged } from '~/ui/should-revalidate';

export const shouldRevalidate = skipIfOnlyQueryChanged;

/** Refuses members the whole area. Loaders run in parallel, so every page's own procedure checks the role too. */
export async function loader(args: LoaderFunctionArgs) {
  await load(args, (api) => api.requests.countPending());
  return null;
}

export default function AdminLayout() {
  return <Outlet />;
}

export const ErrorBoundary = ErrorPage;

import type { LoaderFunctionArgs } from '@remix-run/node';
import { Outlet } from '@remix-run/react';
import { load } from '~/api/call-from-route.server';
import { ErrorPage } from '~/ui/error-page';
import { skipIfOnlyQueryChanged } from '~/ui/should-revalidate';

export const shouldRevalidate = skipIfOnlyQueryChanged;

/** The admin area's layout: a member who comes here is told so. The pages' own procedures refuse by themselves. */
export async function loader(args: LoaderFunctionArgs) {
  await load(args, (api) => api.requests.countPending());
  return null;
}

export default function AdminLayout() {
  return <Outlet />;
}

export const ErrorBoundary = ErrorPage;

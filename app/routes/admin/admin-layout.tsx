import type { LoaderFunctionArgs } from '@remix-run/node';
import { Outlet } from '@remix-run/react';
import { ProblemPage } from '~/ui/error-page';
import { unlessOnlyQueryChanged } from '~/ui/should-revalidate';
import { load } from '~/api/call-from-route.server';

export const shouldRevalidate = unlessOnlyQueryChanged;

/** The admin area's layout: a member who comes here is told so. The pages' own procedures refuse by themselves. */
export async function loader(args: LoaderFunctionArgs) {
  await load(args, (api) => api.requests.countPending());
  return null;
}

export default function AdminLayout() {
  return <Outlet />;
}

export const ErrorBoundary = ProblemPage;

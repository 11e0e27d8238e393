import { isRouteErrorResponse, useRouteError } from '@remix-run/react';
import type { ReactNode } from 'react';
import { LinkButton } from '~/ui/button';
import { ErrorPage } from '~/ui/error-page';
import { AuthLayout } from './auth-layout';

/** The error boundary of a page that needs a one-time link: explains a link that doesn't work. */
export function DeadLinkPage({ title, children }: { title: string; children: ReactNode }) {
  const error = useRouteError();
  if (!isRouteErrorResponse(error) || ![400, 404].includes(error.status)) return <ErrorPage />;
  return (
    <AuthLayout title={title}>
      <div className="grid justify-items-start gap-4">
        <p className="text-muted">{children}</p>
        <LinkButton to="/sign-in">Sign in instead</LinkButton>
      </div>
    </AuthLayout>
  );
}

import { isRouteErrorResponse, useRouteError } from '@remix-run/react';
import { LinkButton } from './button';

/** The text for an error that reached an error boundary: the server's message if it sent one. */
function describeError(error: unknown): { title: string; message: string } {
  if (!isRouteErrorResponse(error)) {
    return {
      title: 'Something went wrong',
      message: 'This page can’t be shown. Reload it. If that doesn’t help, tell an admin.',
    };
  }
  const message = typeof error.data?.message === 'string' ? error.data.message : null;
  if (error.status === 404) {
    return {
      title: 'Not found',
      message: message ?? 'There is no page at this URL. It may have moved.',
    };
  }
  if (error.status === 403)
    return { title: 'Not allowed', message: message ?? 'You don’t have access to this page.' };
  return {
    title: 'Something went wrong',
    message: message ?? 'The request failed. Reload the page to see the current state.',
  };
}

/** Shown instead of a page that fails. */
export function ErrorPage() {
  const { title, message } = describeError(useRouteError());
  return (
    <div className="mx-auto grid max-w-[36rem] justify-items-start gap-3 py-10">
      <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
      <p className="text-muted">{message}</p>
      <LinkButton to="/me/ai-keys" className="mt-2">
        Go to your keys
      </LinkButton>
    </div>
  );
}

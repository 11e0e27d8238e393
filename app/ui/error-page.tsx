import { isRouteErrorResponse, useRouteError } from '@remix-run/react';
import { LinkButton } from './button';

/** The words of an error that reached a boundary: ours where the server refused, general ones otherwise. */
function describeError(error: unknown): { title: string; message: string } {
  if (!isRouteErrorResponse(error)) {
    return {
      title: 'Something went wrong',
      message:
        'The page could not be shown. Nothing was changed. Reload it; if that does not help, tell an admin.',
    };
  }
  const message = typeof error.data?.message === 'string' ? error.data.message : null;
  if (error.status === 404) {
    return {
      title: 'Not found',
      message: message ?? 'There is no page at this address. It may have been moved or mistyped.',
    };
  }
  if (error.status === 403) return { title: 'Not allowed', message: message ?? 'You may not see this page.' };
  return {
    title: 'Something went wrong',
    message: message ?? 'The request could not be carried out. Nothing was changed.',
  };
}

/** What stands in place of a page that cannot be shown. */
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

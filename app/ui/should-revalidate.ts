import type { ShouldRevalidateFunction } from '@remix-run/react';

/**
 * For routes whose data doesn't depend on the query string, such as lists that the browser filters: typing into the search
 * doesn't reload them. Forms and live updates do.
 */
export const skipIfOnlyQueryChanged: ShouldRevalidateFunction = ({
  currentUrl,
  nextUrl,
  formMethod,
  defaultShouldRevalidate,
}) => {
  const onlyQuery = currentUrl.pathname === nextUrl.pathname && currentUrl.search !== nextUrl.search;
  return onlyQuery && formMethod !== 'POST' ? false : defaultShouldRevalidate;
};

import type { ShouldRevalidateFunction } from '@remix-run/react';

/**
 * For routes that load the same whatever the address's query says, such as lists that the browser filters: a
 * letter typed into the search asks the server for nothing. Everything else, forms and live notices included,
 * loads anew as usual.
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

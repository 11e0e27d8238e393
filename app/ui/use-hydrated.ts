import { useSyncExternalStore } from 'react';

const subscribe = () => () => {};

/** False on the server and while hydrating; true once the page runs JavaScript. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => true,
    () => false,
  );
}

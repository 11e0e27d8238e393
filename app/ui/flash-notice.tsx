import { useLocation, useMatches } from '@remix-run/react';
import { createContext, type ReactNode, useContext, useState } from 'react';
import type { Flash } from '~/core/flash';
import { Notice } from './notice';

const FlashContext = createContext<Flash | null>(null);

interface FlashProviderProps {
  /** What the loader of the layout took from the cookie. */
  loaded: Flash | null;
  children: ReactNode;
}

/**
 * Makes a message from the server available to `FlashNotice` until the next navigation. Live data reloads the layout's
 * loader at any moment, and then without the message; a link may not reload it at all, and then with an old one.
 */
export function FlashProvider({ loaded, children }: FlashProviderProps) {
  const { key } = useLocation();
  const [state, setState] = useState({ key, lastId: loaded?.id, flash: loaded });
  let next = state;
  if (loaded !== null && loaded.id !== state.lastId) next = { key, lastId: loaded.id, flash: loaded };
  else if (key !== state.key) next = { ...state, key, flash: null };
  if (next !== state) setState(next);
  return <FlashContext.Provider value={next.flash}>{children}</FlashContext.Provider>;
}

/** Shows and announces the message, if there is one. */
export function FlashNotice() {
  const flash = useContext(FlashContext);
  // The live region is always there: screen readers announce only what changes inside one.
  return (
    <div role="status" className="not-empty:mb-4">
      {flash === null ? null : <Notice tone={flash.tone}>{flash.message}</Notice>}
    </div>
  );
}

/** Exported as `handle` by a drawer's route that renders `FlashNotice` itself, in front of the page behind it. */
export const SHOWS_FLASH = { showsFlash: true } as const;

/** For the layout: the message, unless the page in front shows it. */
export function PageFlashNotice() {
  const isShownInFront = useMatches().some(({ handle }) => handle === SHOWS_FLASH);
  return isShownInFront ? null : <FlashNotice />;
}

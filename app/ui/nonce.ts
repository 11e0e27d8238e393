import { createContext, useContext } from 'react';

/** The nonce of the content security policy. Empty in the browser, which hides the attribute from scripts. */
export const NonceContext = createContext('');
export const useNonce = (): string => useContext(NonceContext);

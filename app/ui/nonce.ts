import { createContext, useContext } from 'react';

/** The content security policy's nonce; empty in the browser, where the attribute cannot be read back. */
export const NonceContext = createContext('');
export const useNonce = (): string => useContext(NonceContext);

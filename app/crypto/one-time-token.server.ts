import { createHash, randomBytes } from 'node:crypto';

/** The token of a one-time link: 256 random bits, base64url. */
export const newOneTimeToken = (): string => randomBytes(32).toString('base64url');

/** SHA-256 of such a token in hexadecimal. Only this is stored. */
export const hashOneTimeToken = (token: string): string => createHash('sha256').update(token).digest('hex');

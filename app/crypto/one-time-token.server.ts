import { createHash, randomBytes } from 'node:crypto';

/** The secret of a one-time link: 256 random bits, in letters that a URL takes as they are. */
export const newOneTimeToken = (): string => randomBytes(32).toString('base64url');

/** SHA-256 of such a token, hexadecimal: what is kept of it. */
export const hashOneTimeToken = (token: string): string => createHash('sha256').update(token).digest('hex');

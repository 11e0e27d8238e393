/** The token in the URL of a one-time link; empty if there is none. */
export const linkToken = (request: Request): string => new URL(request.url).searchParams.get('token') ?? '';

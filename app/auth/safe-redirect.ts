/**
 * Where to go after signing in, from the `next` in the URL. A link to the sign-in page can come from anywhere,
 * so only a path on this server is taken: `//host`, `/\host`, `https:` and what the URL parser would strip on
 * the way to one of these lead elsewhere (open redirect).
 *
 * @returns the path with its query, or null when there is none or it cannot be trusted.
 */
export function safeRedirect(next: string | null): string | null {
  if (next === null || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(next)) return null;
  const base = 'http://here.invalid';
  if (!URL.canParse(next, base)) return null;
  const { origin, pathname, search } = new URL(next, base);
  // `/.//host` becomes the path `//host` once its dots are resolved.
  if (origin !== base || pathname.startsWith('//')) return null;
  if (pathname === '/sign-in' || pathname === '/sign-out') return null;
  return pathname + search;
}

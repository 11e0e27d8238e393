/**
 * The page to open after signing in, from the `next` parameter of the sign-in URL. Anyone can write such a link, so
 * only a path on this server is accepted. Prevents open redirects: `//host`, `/\host`, `https:`, and text that URL
 * parsers turn into one of these.
 *
 * @returns the path with its query, or null if it is missing or unsafe.
 */
export function safeRedirect(next: string | null): string | null {
  if (next === null || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(next)) return null;
  const base = 'http://here.invalid';
  if (!URL.canParse(next, base)) return null;
  const { origin, pathname, search } = new URL(next, base);
  // `/.//host` becomes the path `//host` when its dots are resolved.
  if (origin !== base || pathname.startsWith('//')) return null;
  if (pathname === '/sign-in' || pathname === '/sign-out') return null;
  return pathname + search;
}

import type { Role } from '../api/procedure-table';
import type { Company } from '../helpers/company';
import type { HttpClient } from '../helpers/http';

/** One page or resource route, from the build's manifest. */
export interface Route {
  id: string;
  /** Such as `/admin/users/:userId`. */
  path: string;
  hasLoader: boolean;
  hasAction: boolean;
}

/** All routes with a loader or action, from the manifest that the server sends to browsers. */
export async function readRoutes(client: HttpClient): Promise<Route[]> {
  const html = await (await client.get('/sign-in')).text();
  const manifest = /\/assets\/manifest-[\w-]+\.js/.exec(html)?.[0] ?? '';
  const text = await (await client.get(manifest)).text();
  const { routes } = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as {
    routes: Record<string, Route & { parentId?: string; path?: string }>;
  };
  const pathOf = (id: string | undefined): string => {
    const route = id === undefined ? undefined : routes[id];
    return route === undefined ? '' : pathOf(route.parentId) + (route.path ? `/${route.path}` : '');
  };
  return Object.values(routes)
    .filter(({ hasLoader, hasAction }) => hasLoader || hasAction)
    .map(({ id, hasLoader, hasAction }) => ({ id, path: pathOf(id) || '/', hasLoader, hasAction }));
}

/** Paths that anyone may open. */
export const PUBLIC_PATHS = ['/', '/invite', '/reset-password', '/setup', '/sign-in', '/sign-out'];

/** Who may open a path: the first segment decides. Null for a path that belongs to nobody, which fails the tests. */
export function roleOf(path: string): Role | null {
  if (PUBLIC_PATHS.includes(path)) return 'public';
  if (path.startsWith('/me/')) return 'member';
  return path === '/admin' || path.startsWith('/admin/') ? 'admin' : null;
}

/** The route's URL path with ids of this company: Mara's keys, Otto, Acme, the service account and its key. */
export function pathFor({ path }: Route, company: Company): string {
  return path
    .replace(':tool', path.includes('/request/') ? 'gemini' : 'acme')
    .replace(':accountId', company.serviceAccountId)
    .replace(':keyId', keyFor(path, company))
    .replace(':userId', company.ids.otto)
    .replace(':role', 'admin')
    .replace(':invitationId', company.invitationId)
    .replace(':seq', '1');
}

function keyFor(path: string, company: Company): string {
  if (path.includes('/service-accounts/')) return company.serviceKey;
  if (path.endsWith('/reveal')) return company.unrevealedKey;
  return path.endsWith('/withdraw') ? company.pendingKey : company.activeKey;
}

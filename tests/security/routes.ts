import type { Role } from '../api/procedure-table';
import type { Company } from '../helpers/company';
import type { HttpClient } from '../helpers/http';

/** One page or resource of the server, as its own build lists them. */
export interface Route {
  id: string;
  /** Such as `/admin/users/:userId`. */
  path: string;
  hasLoader: boolean;
  hasAction: boolean;
}

/** Every route there is, from the manifest that the server gives to browsers. */
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

/** Who may open each path. A route without a role here fails the tests. */
export const roles: Record<string, Role> = {
  '/': 'public', // sends on to where one begins
  '/sign-in': 'public',
  '/sign-out': 'public',
  '/setup': 'public',
  '/invite': 'public',
  '/reset-password': 'public',

  '/me/account': 'member',
  '/me/ai-keys': 'member',
  '/me/ai-keys/request/:tool': 'member',
  '/me/ai-keys/:keyId/reveal': 'member',
  '/me/ai-keys/:keyId/revoke': 'member',
  '/me/ai-keys/:keyId/settings': 'member',
  '/me/ai-keys/:keyId/withdraw': 'member',

  '/admin': 'admin',
  '/admin/ai/keys': 'admin',
  '/admin/ai/keys/look-up': 'admin',
  '/admin/ai/keys/revoke': 'admin',
  '/admin/ai/pending-keys': 'admin',
  '/admin/ai/pending-keys/reject': 'admin',
  '/admin/ai/service-accounts': 'admin',
  '/admin/ai/service-accounts/new': 'admin',
  '/admin/ai/service-accounts/:accountId': 'admin',
  '/admin/ai/service-accounts/:accountId/disable': 'admin',
  '/admin/ai/service-accounts/:accountId/edit': 'admin',
  '/admin/ai/service-accounts/:accountId/issue-key': 'admin',
  '/admin/ai/service-accounts/:accountId/keys/:keyId/revoke': 'admin',
  '/admin/ai/tools': 'admin',
  '/admin/ai/tools/new': 'admin',
  '/admin/ai/tools/:tool': 'admin',
  '/admin/ai/tools/:tool/archive': 'admin',
  '/admin/ai/tools/:tool/credential': 'admin',
  '/admin/ai/tools/:tool/credential/remove': 'admin',
  '/admin/ai/tools/:tool/edit': 'admin',
  '/admin/audit': 'admin',
  '/admin/audit/:seq': 'admin',
  '/admin/audit/export': 'admin',
  '/admin/audit/verify': 'admin',
  '/admin/users': 'admin',
  '/admin/users/:userId': 'admin',
  '/admin/users/:userId/disable': 'admin',
  '/admin/users/:userId/role/:role': 'admin',
  '/admin/users/invite': 'admin',
  '/admin/users/invitations/:invitationId/withdraw': 'admin',
};

/** The path with this company's own things in it: Mara's keys, Otto, Acme, the pipeline and its key. */
export function addressOf({ path }: Route, company: Company): string {
  const keyId = path.includes('/service-accounts/')
    ? company.serviceKey
    : path.endsWith('/reveal')
      ? company.unrevealedKey
      : path.endsWith('/withdraw')
        ? company.pendingKey
        : company.activeKey;
  return path
    .replace(':tool', path.includes('/request/') ? 'gemini' : 'acme')
    .replace(':accountId', company.serviceAccountId)
    .replace(':keyId', keyId)
    .replace(':userId', company.ids.otto)
    .replace(':role', 'admin')
    .replace(':invitationId', company.invitationId)
    .replace(':seq', '1');
}

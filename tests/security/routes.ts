import type { Audience } from '../api/procedure-table';
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

/** Who may open a route, by its path. A route whose path is not here fails the tests. */
export const audiences: Record<string, Audience> = {
  '/': 'everybody', // sends on to where one begins
  '/sign-in': 'everybody',
  '/sign-out': 'everybody',
  '/setup': 'everybody',
  '/invite': 'everybody',
  '/reset-password': 'everybody',

  '/me/account': 'members',
  '/me/ai-keys': 'members',
  '/me/ai-keys/request/:tool': 'members',
  '/me/ai-keys/:keyId/reveal': 'members',
  '/me/ai-keys/:keyId/revoke': 'members',
  '/me/ai-keys/:keyId/settings': 'members',
  '/me/ai-keys/:keyId/withdraw': 'members',

  '/admin': 'admins',
  '/admin/ai/keys': 'admins',
  '/admin/ai/keys/look-up': 'admins',
  '/admin/ai/keys/revoke': 'admins',
  '/admin/ai/pending-keys': 'admins',
  '/admin/ai/pending-keys/reject': 'admins',
  '/admin/ai/service-accounts': 'admins',
  '/admin/ai/service-accounts/new': 'admins',
  '/admin/ai/service-accounts/:accountId': 'admins',
  '/admin/ai/service-accounts/:accountId/disable': 'admins',
  '/admin/ai/service-accounts/:accountId/edit': 'admins',
  '/admin/ai/service-accounts/:accountId/issue-key': 'admins',
  '/admin/ai/service-accounts/:accountId/keys/:keyId/revoke': 'admins',
  '/admin/ai/tools': 'admins',
  '/admin/ai/tools/new': 'admins',
  '/admin/ai/tools/:tool': 'admins',
  '/admin/ai/tools/:tool/archive': 'admins',
  '/admin/ai/tools/:tool/credential': 'admins',
  '/admin/ai/tools/:tool/credential/remove': 'admins',
  '/admin/ai/tools/:tool/edit': 'admins',
  '/admin/audit': 'admins',
  '/admin/audit/:seq': 'admins',
  '/admin/audit/export': 'admins',
  '/admin/audit/verify': 'admins',
  '/admin/users': 'admins',
  '/admin/users/:userId': 'admins',
  '/admin/users/:userId/disable': 'admins',
  '/admin/users/:userId/role/:role': 'admins',
  '/admin/users/invite': 'admins',
  '/admin/users/invitations/:invitationId/withdraw': 'admins',
};

/** The path with this company's own things in it: Mara's keys, Otto, Acme, the pipeline and its key. */
export function addressOf({ path, id }: Route, company: Company): string {
  const keyId = id.includes('service-accounts')
    ? company.serviceKey
    : id.endsWith('.reveal')
      ? company.unrevealedKey
      : id.endsWith('.withdraw')
        ? company.pendingKey
        : company.activeKey;
  return path
    .replace(':tool', id.includes('request') ? 'gemini' : 'acme')
    .replace(':accountId', company.serviceAccountId)
    .replace(':keyId', keyId)
    .replace(':userId', company.ids.otto)
    .replace(':role', 'admin')
    .replace(':invitationId', company.invitationId)
    .replace(':seq', '1');
}

import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseFile } from '~/core/config.server';
import type { Role } from '../api/procedure-table';
import { type Actor, actors, type Company, createCompany } from '../helpers/company';
import { type HttpClient, httpClient } from '../helpers/http';
import { type RunningServer, startServer } from '../helpers/server';
import { addressOf, type Route, readRoutes, roles } from './routes';

let company: Company;
let server: RunningServer;
let routes: Route[];
const clients = {} as Record<Actor, HttpClient>;

// The built server on a copy of the company's folder: the sessions in it are real, and so are the pages.
beforeAll(async () => {
  company = await createCompany();
  const dataDir = mkdtempSync(join(tmpdir(), 'my-ai-keys-pages-'));
  cpSync(company.dataDir, dataDir, { recursive: true });
  server = await startServer({ settings: { DATA_DIR: dataDir } });
  for (const actor of actors) {
    clients[actor] = httpClient(server.url);
    clients[actor].cookie = company.cookies[actor];
  }
  routes = await readRoutes(clients.nobody);
}, 60_000);

afterAll(async () => {
  await server.stop();
  server.removeData();
  company.remove();
});

/** All that can be changed by anybody, but for what merely tells that somebody tried. */
function everything(): string {
  const sqlite = new BetterSqlite3(databaseFile(server), { readonly: true });
  try {
    const tables = [
      'users',
      'service_accounts',
      'keys',
      'requests',
      'tools',
      'tool_credentials',
      'invitations',
      'sessions',
    ];
    return JSON.stringify(tables.map((table) => sqlite.prepare(`select * from ${table}`).raw().all()));
  } finally {
    sqlite.close();
  }
}

const of = (role: Role) => routes.filter(({ path }) => roles[path] === role);
const isSignedIn = (actor: Actor) => actor !== 'nobody' && actor !== 'dan';

/** What no answer to somebody who may not see it contains: names, addresses and things of the company. */
const THINGS = /nora@example|bea@example|acme|127\.0\.0\.1:9|nightly reports|aik_|ais_|pipeline/i;

describe('every page', { timeout: 30_000 }, () => {
  it('has its audience in the table, and no page is in the table that is not there', () => {
    const paths = [...new Set(routes.map(({ path }) => path))].sort();
    expect(paths).toEqual(Object.keys(roles).sort());
  });

  it('that is not for everybody sends the signed out and the disabled to the sign-in page', async () => {
    for (const actor of ['nobody', 'dan'] as const) {
      for (const route of [...of('member'), ...of('admin')].filter(({ hasLoader }) => hasLoader)) {
        const response = await clients[actor].get(addressOf(route, company));
        expect([actor, route.path, response.status]).toEqual([actor, route.path, 302]);
        expect(response.headers.get('location'), route.path).toMatch(/^\/sign-in\?next=/);
      }
    }
  });

  it('for admins is refused to members, whole, as data, and loader by loader', async () => {
    for (const actor of ['mara', 'otto'] as const) {
      for (const route of of('admin').filter(({ hasLoader }) => hasLoader)) {
        const address = addressOf(route, company);
        // Loaders run in parallel, and a browser may ask for one of them alone: no layout stands guard.
        const alone = `${address}.data?_routes=${encodeURIComponent(route.id)}`;
        for (const url of [address, `${address}.data`, alone]) {
          const response = await clients[actor].get(url);
          const text = await response.text();
          expect([actor, url, response.status]).toEqual([actor, url, 403]);
          expect(text.match(THINGS)?.[0], url).toBeUndefined();
        }
      }
    }
  });

  it('shows nothing of anybody to whoever asks for its loader alone without a session', async () => {
    for (const route of [...of('member'), ...of('admin')].filter(({ hasLoader }) => hasLoader)) {
      const url = `${addressOf(route, company)}.data?_routes=${encodeURIComponent(route.id)}`;
      const text = await (await clients.nobody.get(url)).text();
      expect(text, url).toContain('/sign-in');
      expect(text.replaceAll(encodeURIComponent(url), '').match(THINGS)?.[0] ?? 'acme', url).toBe('acme');
    }
  });

  it('opens for its audience', async () => {
    for (const route of of('admin').filter(({ hasLoader, path }) => hasLoader && path !== '/')) {
      const response = await clients.ada.get(addressOf(route, company));
      expect([route.path, response.status < 400]).toEqual([route.path, true]);
    }
    for (const route of of('member').filter(({ hasLoader }) => hasLoader)) {
      const response = await clients.mara.get(addressOf(route, company));
      expect([route.path, response.status < 400]).toEqual([route.path, true]);
    }
  });

  it('of one member’s own things is not found by another, nor by an admin', async () => {
    for (const actor of ['otto', 'ada'] as const) {
      for (const route of of('member').filter(({ path }) => path.includes(':keyId'))) {
        const response = await clients[actor].get(addressOf(route, company));
        expect([actor, route.path, response.status]).toEqual([actor, route.path, 404]);
      }
    }
  });
});

describe('every action', { timeout: 30_000 }, () => {
  const FOREIGN: Record<string, string>[] = [
    { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'http://127.0.0.1:1', 'Sec-Fetch-Site': 'same-site' },
    // What browsers without Sec-Fetch-Site send.
    { Origin: 'https://evil.example', 'Sec-Fetch-Site': '' },
  ];

  it('and every other route refuses a POST that began on another site, also as data, and changes nothing', async () => {
    const before = everything();
    for (const route of routes) {
      const address = addressOf(route, company);
      for (const url of [address, `${address}.data`, `${address}?index`]) {
        for (const { 'Sec-Fetch-Site': site, ...headers } of FOREIGN) {
          const response = await fetch(server.url + url, {
            method: 'POST',
            headers: {
              Cookie: company.cookies.ada,
              'Content-Type': 'application/x-www-form-urlencoded',
              ...headers,
              ...(site ? { 'Sec-Fetch-Site': site } : {}),
            },
            body: 'reason=attack&intent=disable',
            redirect: 'manual',
          });
          await response.arrayBuffer();
          expect([url, headers, response.status]).toEqual([url, headers, 403]);
        }
      }
    }
    expect(everything()).toBe(before);
  });

  it('for admins is refused to members and the signed out, and changes nothing', async () => {
    const before = everything();
    for (const actor of actors.filter((name) => name !== 'ada' && name !== 'bea')) {
      for (const route of of('admin').filter(({ hasAction }) => hasAction)) {
        const fields = {
          reason: 'because',
          keyId: company.pendingKey,
          decision: 'approve',
          intent: 'approve',
        };
        const response = await clients[actor].post(addressOf(route, company), fields);
        await response.arrayBuffer();
        // Several decisions at once are refused one by one, and 409 says that none was carried out.
        const wanted = isSignedIn(actor) ? [403, 409] : [302, 303];
        expect(wanted, `${actor} ${route.path}`).toContain(response.status);
      }
    }
    expect(everything()).toBe(before);
  });

  it('on one member’s own things is refused to another, and changes nothing', async () => {
    const before = everything();
    for (const route of of('member').filter(({ path, hasAction }) => path.includes(':keyId') && hasAction)) {
      const response = await clients.otto.post(addressOf(route, company), { reason: 'mine now' });
      await response.arrayBuffer();
      expect([route.path, response.status]).toEqual([route.path, 404]);
    }
    expect(everything()).toBe(before);
  });
});

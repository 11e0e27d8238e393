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
import { PUBLIC_PATHS, pathFor, type Route, readRoutes, roleOf } from './routes';

let company: Company;
let server: RunningServer;
let routes: Route[];
const clients = {} as Record<Actor, HttpClient>;

// The built server on a copy of the company's data directory, with its sessions.
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

/** All rows that users can change. Audit entries of refused attempts don't count. */
function readState(): string {
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

const routesOf = (...roles: (Role | null)[]) => routes.filter(({ path }) => roles.includes(roleOf(path)));
const pagesOf = (...roles: Role[]) => routesOf(...roles).filter(({ hasLoader }) => hasLoader);
const isSignedIn = (actor: Actor) => actor !== 'nobody' && actor !== 'dan';

/** Data of the company that no response without access may contain. */
const COMPANY_DATA = /nora@example|bea@example|acme|127\.0\.0\.1:9|nightly reports|aik_|ais_|pipeline/i;

describe('every page', { timeout: 30_000 }, () => {
  it('has a role, and every public path exists', () => {
    expect(routesOf(null).map(({ path }) => path)).toEqual([]);
    expect([...new Set(routesOf('public').map(({ path }) => path))].sort()).toEqual(PUBLIC_PATHS);
    expect(pagesOf('admin').length).toBeGreaterThan(20);
  });

  it('for members and admins redirects signed-out and disabled users to the sign-in page', async () => {
    for (const actor of ['nobody', 'dan'] as const) {
      for (const route of pagesOf('member', 'admin')) {
        const response = await clients[actor].get(pathFor(route, company));
        expect([actor, route.path, response.status]).toEqual([actor, route.path, 302]);
        expect(response.headers.get('location'), route.path).toMatch(/^\/sign-in\?next=/);
      }
    }
  });

  it('for admins is forbidden to members: as a page, as data, and loader by loader', async () => {
    for (const actor of ['mara', 'otto'] as const) {
      for (const route of pagesOf('admin')) {
        const address = pathFor(route, company);
        // Loaders run in parallel and can be requested alone, so a layout's check protects nothing.
        const alone = `${address}.data?_routes=${encodeURIComponent(route.id)}`;
        for (const url of [address, `${address}.data`, alone]) {
          const response = await clients[actor].get(url);
          const text = await response.text();
          expect([actor, url, response.status]).toEqual([actor, url, 403]);
          expect(text.match(COMPANY_DATA)?.[0], url).toBeUndefined();
        }
      }
    }
  });

  it('returns no data to a request for its loader alone without a session', async () => {
    for (const route of pagesOf('member', 'admin')) {
      const url = `${pathFor(route, company)}.data?_routes=${encodeURIComponent(route.id)}`;
      const text = await (await clients.nobody.get(url)).text();
      expect(text, url).toContain('/sign-in');
      expect(text.replaceAll(encodeURIComponent(url), '').match(COMPANY_DATA)?.[0] ?? 'acme', url).toBe(
        'acme',
      );
    }
  });

  it('opens for its role', async () => {
    for (const [role, actor] of [
      ['admin', 'ada'],
      ['member', 'mara'],
    ] as const) {
      for (const route of pagesOf(role)) {
        const { status } = await clients[actor].get(pathFor(route, company));
        expect([route.path, status < 400]).toEqual([route.path, true]);
      }
    }
  });

  it('of a member’s key is a 404 for other members and for admins', async () => {
    for (const actor of ['otto', 'ada'] as const) {
      for (const route of routesOf('member').filter(({ path }) => path.includes(':keyId'))) {
        const response = await clients[actor].get(pathFor(route, company));
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
    // Browsers without Sec-Fetch-Site.
    { Origin: 'https://evil.example', 'Sec-Fetch-Site': '' },
  ];

  it('and every other route rejects a POST from another site and changes nothing', async () => {
    const before = readState();
    for (const route of routes) {
      const address = pathFor(route, company);
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
    expect(readState()).toBe(before);
  });

  it('for admins is forbidden to everyone else and changes nothing', async () => {
    const before = readState();
    for (const actor of actors.filter((name) => name !== 'ada' && name !== 'bea')) {
      for (const route of routesOf('admin').filter(({ hasAction }) => hasAction)) {
        const fields = {
          reason: 'because',
          keyId: company.pendingKey,
          decision: 'approve',
          intent: 'approve',
        };
        const response = await clients[actor].post(pathFor(route, company), fields);
        await response.arrayBuffer();
        // A bulk decision returns 409 when none of its decisions was allowed.
        const expected = isSignedIn(actor) ? [403, 409] : [302, 303];
        expect(expected, `${actor} ${route.path}`).toContain(response.status);
      }
    }
    expect(readState()).toBe(before);
  });

  it('on a member’s key is a 404 for other members and changes nothing', async () => {
    const before = readState();
    for (const route of routesOf('member').filter(
      ({ path, hasAction }) => path.includes(':keyId') && hasAction,
    )) {
      const response = await clients.otto.post(pathFor(route, company), { reason: 'mine now' });
      await response.arrayBuffer();
      expect([route.path, response.status]).toEqual([route.path, 404]);
    }
    expect(readState()).toBe(before);
  });
});

import type { Import } from './imports';

/**
 * The layers, top first. A file may import from its own layer and from those below it. Folders may not import each
 * other, directly or in a circle. docs/architecture.md says what each folder is for.
 */
export const LAYERS: readonly (readonly string[])[] = [
  ['app/server'],
  ['app/routes', 'app/root.tsx', 'app/entry.server.tsx', 'app/entry.client.tsx', 'app/routes.ts'],
  ['app/cli'],
  ['app/http'],
  ['app/api'],
  ['app/ui'],
  ['app/backups', 'app/doctor', 'app/metrics'],
  ['app/requests', 'app/service-accounts', 'app/tools', 'app/users'],
  ['app/auth', 'app/gateway', 'app/keys', 'app/master-key'],
  ['app/audit', 'app/data-dir'],
  ['app/app-context.server.ts'],
  ['app/crypto', 'app/net'],
  ['app/core'],
  ['db/sqlite'],
  ['db'],
  ['app/executable'],
  ['app/bin'],
];

const PAGES = [
  'app/ui',
  'app/routes',
  'app/routes.ts',
  'app/root.tsx',
  'app/entry.server.tsx',
  'app/entry.client.tsx',
];

/**
 * Packages and folders that only these may import. The driver of the database stays out of the domains, so that
 * another engine can be added; React, Remix and tRPC stay out of the domains and the gateway.
 */
export const RESTRICTED: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': ['db/sqlite', 'app/backups', 'app/data-dir'],
  'drizzle-orm/better-sqlite3': ['db/sqlite'],
  'db/sqlite': [
    'db/sqlite',
    'app/backups',
    'app/cli',
    'app/data-dir',
    'app/doctor',
    'app/gateway',
    'app/server',
  ],
  '@remix-run': ['app/api', 'app/http', 'app/server', ...PAGES],
  '@trpc': ['app/api', 'app/http', 'app/routes'],
  react: PAGES,
  'react-dom': PAGES,
};

const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** Imports that `RESTRICTED` doesn't allow, as `from → to`. */
export function restrictedImports(imports: readonly Import[]): string[] {
  const rules = Object.entries(RESTRICTED);
  return imports
    .filter(({ from, to }) =>
      rules.some(
        ([what, importers]) => isInside(to, what) && !importers.some((folder) => isInside(from, folder)),
      ),
    )
    .map(({ from, to }) => `${from} → ${to}`);
}

/** The most specific entry of `LAYERS` that contains a file, or null. */
export function layerOf(file: string): { index: number; unit: string } | null {
  let found: { index: number; unit: string } | null = null;
  for (const [index, units] of LAYERS.entries()) {
    for (const unit of units) {
      if (isInside(file, unit) && unit.length > (found?.unit.length ?? 0)) found = { index, unit };
    }
  }
  return found;
}

/** Imports that point to a higher layer, as `from → to`. */
export function upwardImports(imports: readonly Import[]): string[] {
  return imports
    .filter(({ from, to }) => (layerOf(to)?.index ?? -1) < (layerOf(from)?.index ?? -1))
    .map(({ from, to }) => `${from} → ${to}`);
}

/** Groups of files or folders that import each other, each group sorted. `nameOf` maps a file to the name compared. */
export function cycles(imports: readonly Import[], nameOf: (file: string) => string): string[][] {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [a, b] = [nameOf(from), nameOf(to)];
    if (a === b) continue;
    edges.set(a, (edges.get(a) ?? new Set()).add(b));
  }
  const reach = new Map([...edges.keys()].map((name) => [name, reachableFrom(name, edges)]));
  const groups = new Map<string, string[]>();
  for (const [name, reached] of reach) {
    if (!reached.has(name)) continue;
    const group = [...reached].filter((other) => reach.get(other)?.has(name)).sort();
    groups.set(group.join(), group);
  }
  return [...groups.values()];
}

function reachableFrom(start: string, edges: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const reached = new Set<string>();
  const queue = [start];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const next of edges.get(name) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      queue.push(next);
    }
  }
  return reached;
}

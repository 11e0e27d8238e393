import type { Import } from './imports';

/**
 * The layers, top first. A file imports from its own folder and from layers below its own, and folders of one layer
 * may use each other as long as no two do so in a circle. docs/architecture.md says what each is for.
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
  ['app/bin'],
];

/** The entry of `LAYERS` that a file belongs to: the longest that is its path's beginning. Null for none. */
export function layerOf(file: string): { index: number; unit: string } | null {
  let found: { index: number; unit: string } | null = null;
  for (const [index, units] of LAYERS.entries()) {
    for (const unit of units) {
      const isInside = file === unit || file.startsWith(`${unit}/`);
      if (isInside && unit.length > (found?.unit.length ?? 0)) found = { index, unit };
    }
  }
  return found;
}

/** The imports that point to a higher layer, as `from → to`. */
export function upwardImports(imports: readonly Import[]): string[] {
  return imports
    .filter(({ from, to }) => (layerOf(to)?.index ?? -1) < (layerOf(from)?.index ?? -1))
    .map(({ from, to }) => `${from} → ${to}`);
}

/** Groups of names that reach each other along the edges, each sorted; `nameOf` maps a file to what is compared. */
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

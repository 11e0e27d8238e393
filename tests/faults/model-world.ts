import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Caller } from '~/api/router.server';
import { createKeyRepository, type KeyRepository } from '~/gateway/key-repository.server';
import { verifyKey } from '~/gateway/verify-key.server';
import { type App, closeApp } from '~/server/create-app.server';
import { callerAs, reasonOf } from '../helpers/app';
import { addTool, addUser } from '../helpers/factories';
import { openApp } from '../helpers/open-app';
import type { Model, Step } from './model';

/** The people and tools of every walk. */
export const PEOPLE = ['admin', 'admin', 'member', 'member', 'member'] as const;
export const TOOLS = ['guarded', 'open'] as const;

/** The real application, with the people and tools of the model. */
export interface World {
  app: App;
  lookup: KeyRepository;
  people: string[];
  keys: { id: string; rawKey: string | null }[];
}

/** The data directory that every walk starts from a copy of. */
export interface Template {
  dataDir: string;
  people: string[];
}

export async function createTemplate(): Promise<Template> {
  const dataDir = mkdtempSync(join(tmpdir(), 'my-ai-keys-walks-'));
  const app = await openApp(dataDir);
  const people: string[] = [];
  for (const role of PEOPLE) people.push((await addUser(app, role)).id);
  for (const slug of TOOLS) await addTool(app, { slug, requiresApproval: slug === 'guarded' });
  await closeApp(app);
  return { dataDir, people };
}

/** Opens a copy for one walk. */
export async function openWorld({ dataDir, people }: Template): Promise<World> {
  const copy = mkdtempSync(join(tmpdir(), 'my-ai-keys-walk-'));
  cpSync(dataDir, copy, { recursive: true });
  const app = await openApp(copy);
  return { app, lookup: createKeyRepository(app.db), people, keys: [] };
}

export async function closeWorld({ app }: World): Promise<void> {
  await closeApp(app);
  rmSync(app.config.dataDir, { recursive: true, force: true });
}

/** Performs a step: returns its error reason, or null when it succeeded. */
export type Perform = (world: World, step: Step) => Promise<string | null>;

export const perform: Perform = async (world, taken) => {
  const { people, keys } = world;
  if (taken.does === 'verify') {
    const presented = keys[taken.key]?.rawKey ?? '';
    const slug = TOOLS[taken.tool] ?? '';
    const verdict = verifyKey([presented], (hash, kind) => world.lookup.verified(hash, slug, kind));
    return verdict.ok ? null : verdict.reason;
  }
  const api = callerAs(world.app, people[taken.by] ?? '');
  const [result] = await Promise.allSettled([call(api, world, taken)]);
  return result.status === 'fulfilled' ? null : await reasonOf(Promise.reject(result.reason));
};

async function call(api: Caller, { people, keys }: World, taken: Step): Promise<unknown> {
  const keyId = 'key' in taken ? (keys[taken.key]?.id ?? '') : '';
  const slug = 'tool' in taken ? (TOOLS[taken.tool] ?? '') : '';
  const userId = 'whom' in taken ? (people[taken.whom] ?? '') : '';
  switch (taken.does) {
    case 'request': {
      const answer = await api.keys.request({
        tool: slug,
        environment: taken.environment,
        purpose: 'a random walk',
      });
      return keys.push({ id: answer.key.id, rawKey: answer.outcome === 'issued' ? answer.rawKey : null });
    }
    case 'reveal': {
      const { rawKey } = await api.keys.reveal({ keyId });
      return Object.assign(keys[taken.key] ?? {}, { rawKey });
    }
    case 'approve':
      return await api.requests.approve({ keyId });
    case 'reject':
      return await api.requests.reject({ keyId, reason: 'a random walk' });
    case 'withdraw':
      return await api.keys.withdraw({ keyId });
    case 'revoke':
      return await api.keys.revoke({ keyId, reason: taken.reason });
    case 'setRequiresApproval':
      return await api.tools.setRequiresApproval({ tool: slug, requiresApproval: taken.requiresApproval });
    case 'archive':
      return await api.tools.archive({ tool: slug });
    case 'restore':
      return await api.tools.restore({ tool: slug });
    case 'disable':
      return await api.users.disable({ userId });
    case 'enable':
      return await api.users.enable({ userId });
    case 'setRole':
      return await api.users.setRole({ userId, role: taken.role });
  }
}

/** The tables as a model. */
export function asModel({ app, people, keys }: World): Omit<Model, 'denied'> {
  const { read } = app.db.connections;
  const all = <Row>(query: string) => read.prepare<[], Row>(query).all();
  const users = new Map(
    all<{ id: string; role: 'member' | 'admin'; enabled: number }>(
      'select id, role, disabled_at is null as enabled from users',
    ).map((row) => [row.id, { role: row.role, enabled: row.enabled === 1 }]),
  );
  const tools = new Map(
    all<{ slug: string; requiresApproval: number; archived: number }>(
      'select slug, requires_approval as requiresApproval, archived_at is not null as archived from tools',
    ).map((row) => [row.slug, row]),
  );
  const rows = new Map(
    all<
      Omit<Model['keys'][number], 'holder' | 'tool' | 'revealed'> & {
        id: string;
        holderId: string;
        slug: (typeof TOOLS)[number];
        revealed: number;
      }
    >(
      `select k.id, holder_id as holderId, t.slug, environment, status, k.hash is not null as revealed
       from keys k join tools t on t.id = k.tool_id`,
    ).map((row) => [row.id, row]),
  );
  return {
    people: people.map((id) => users.get(id) ?? { role: 'member', enabled: false }),
    tools: TOOLS.map((slug) => ({
      requiresApproval: tools.get(slug)?.requiresApproval === 1,
      archived: tools.get(slug)?.archived === 1,
    })),
    keys: keys.flatMap(({ id }) => {
      const row = rows.get(id);
      if (row === undefined) return [];
      const { holderId, slug, environment, status, revealed } = row;
      const toolIndex = TOOLS.indexOf(slug);
      return [
        { holder: people.indexOf(holderId), tool: toolIndex, environment, status, revealed: revealed === 1 },
      ];
    }),
  };
}

export const newModel = (): Model => ({
  people: PEOPLE.map((role) => ({ role, enabled: true })),
  tools: TOOLS.map((slug) => ({ requiresApproval: slug === 'guarded', archived: false })),
  keys: [],
  denied: new Set(),
});

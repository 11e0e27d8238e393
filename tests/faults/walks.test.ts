import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '~/app.server';
import { readConfig } from '~/config.server';
import { closeApp, createApp } from '~/create-app.server';
import { createLogger } from '~/log.server';
import type { Caller } from '~/trpc/router.server';
import { check } from '~/wire/check.server';
import { type Lookup, prepareLookup } from '~/wire/lookup.server';
import { environments, userRoles } from '~db/schema/words';
import { addTool, addUser, callerAs, reasonOf } from '../helpers/app';
import { expectation, type Model, type Step } from './model';
import { disagreements } from './replay';
import { amount, counted, limit, SEED, teller } from './report';

const PEOPLE = ['admin', 'admin', 'member', 'member', 'member'] as const;
const TOOLS = ['guarded', 'open'] as const;
const MOST_KEYS = 24;

const index = (below: number) => fc.nat(below - 1);
const key = index(MOST_KEYS);
const person = index(PEOPLE.length);
const tool = index(TOOLS.length);

/** Requests often, as everything else needs keys; people and tools change seldom, or little would be allowed. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      does: fc.constant('request' as const),
      by: person,
      tool,
      environment: fc.constantFrom(...environments),
    }),
  },
  {
    weight: 16,
    arbitrary: fc.record({
      does: fc.constantFrom('approve' as const, 'reject' as const, 'withdraw' as const, 'reveal' as const),
      by: person,
      key,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('revoke' as const),
      by: person,
      key,
      reason: fc.constantFrom(undefined, 'no longer needed'),
    }),
  },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('verify' as const), by: person, key, tool }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('setRequiresApproval' as const),
      by: person,
      tool,
      requiresApproval: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constantFrom('archive' as const, 'restore' as const), by: person, tool }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constantFrom('disable' as const, 'enable' as const),
      by: person,
      whom: person,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('setRole' as const),
      by: person,
      whom: person,
      role: fc.constantFrom(...userRoles),
    }),
  },
);

/** The real thing: the router on a database of its own, with the people and tools of the model. */
interface World {
  app: App;
  lookup: Lookup;
  people: string[];
  keys: { id: string; rawKey: string | null }[];
}

const openApp = (dataDir: string): Promise<App> => {
  const config = readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' });
  return createApp(config, createLogger(config));
};

/** Where every walk begins; made once and copied. */
const beginning = { dataDir: '', people: [] as string[] };

beforeAll(async () => {
  beginning.dataDir = mkdtempSync(join(tmpdir(), 'my-ai-keys-walks-'));
  const app = await openApp(beginning.dataDir);
  for (const role of PEOPLE) beginning.people.push((await addUser(app, role)).id);
  for (const slug of TOOLS) await addTool(app, { slug, requiresApproval: slug === 'guarded' });
  await closeApp(app);
});

afterAll(() => rmSync(beginning.dataDir, { recursive: true, force: true }));

async function createWorld(dataDir: string): Promise<World> {
  cpSync(beginning.dataDir, dataDir, { recursive: true });
  const app = await openApp(dataDir);
  return { app, lookup: prepareLookup(app.db), people: beginning.people, keys: [] };
}

/** Carries a step out: the reason of its refusal, or null. */
type Perform = (world: World, step: Step) => Promise<string | null>;

const perform: Perform = async (world, taken) => {
  const { people, keys } = world;
  if (taken.does === 'verify') {
    const presented = keys[taken.key]?.rawKey ?? '';
    const slug = TOOLS[taken.tool] ?? '';
    const verdict = check([presented], (hash) => world.lookup.verified(hash, slug));
    return verdict.ok ? null : verdict.reason;
  }
  const api = callerAs(world.app, people[taken.by] ?? '');
  return await reasonOfNone(call(api, world, taken));
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

async function reasonOfNone(carriedOut: Promise<unknown>): Promise<string | null> {
  let refused = true;
  const reason = reasonOf(
    carriedOut.then(() => {
      refused = false;
      throw { cause: { refusal: { reason: 'none' } } };
    }),
  );
  return (await reason) === 'none' && !refused ? null : await reason;
}

/** The tables in the model's words. */
function asModel({ app, people, keys }: World): Model {
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

const newModel = (): Model => ({
  people: PEOPLE.map((role) => ({ role, enabled: true })),
  tools: TOOLS.map((slug) => ({ requiresApproval: slug === 'guarded', archived: false })),
  keys: [],
});

interface Walked {
  taken: number;
  done: number;
  /** Where the two worlds parted, and how; null when they did not. */
  parted: string | null;
}

/** Takes the steps in both worlds, until they part. */
async function walk(steps: Step[], doStep: Perform): Promise<Walked> {
  const dataDir = mkdtempSync(join(tmpdir(), 'my-ai-keys-walk-'));
  const world = await createWorld(dataDir);
  const { read } = world.app.db.connections;
  const entries = read.prepare<[], number>('select count(*) from audit_entries').pluck();
  const model = newModel();
  const walked: Walked = { taken: 0, done: 0, parted: null };
  try {
    for (const next of steps) {
      const expected = expectation(model, next);
      if (expected === null) continue;
      const before = entries.get() ?? 0;
      const reason = await doStep(world, next);
      walked.taken += 1;
      if (expected.refused === null) {
        expected.change();
        walked.done += 1;
      }
      const is = { reason, entries: (entries.get() ?? 0) - before, ...asModel(world) };
      const mustBe = { reason: expected.refused, entries: expected.entries, ...model };
      if (isDeepStrictEqual(is, mustBe)) continue;
      const parted = `step ${walked.taken} (${JSON.stringify(next)}): ${difference(is, mustBe)}`;
      return { ...walked, parted };
    }
    const [parted = null] = disagreements(read, { people: false });
    return { ...walked, parted };
  } finally {
    await closeApp(world.app);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function difference(is: unknown, mustBe: unknown, where = ''): string {
  if (typeof is === 'object' && is !== null && typeof mustBe === 'object' && mustBe !== null) {
    for (const [name, value] of Object.entries(is)) {
      const wanted = (mustBe as Record<string, unknown>)[name];
      if (!isDeepStrictEqual(value, wanted)) return difference(value, wanted, `${where} ${name}`);
    }
  }
  return `${where.trim()} is ${JSON.stringify(is)} and not ${JSON.stringify(mustBe)}`;
}

/** Controls have a seed of their own, with which they are found soon. */
const CONTROL_SEED = 4;

/** From one step, so that a walk that goes wrong can be cut down to little. */
const walks = fc.array(step, { minLength: 1, maxLength: 200, size: 'max' });

describe('Random walks over the state machine', () => {
  it(
    'leave the database as the model says after every step',
    limit({ short: 60, full: 600 }),
    async ({ task }) => {
      const tell = teller(task);
      const [wanted, counts] = [amount(600, 12_000), { walks: 0, taken: 0, done: 0 }];
      while (counts.taken < wanted) {
        await fc.assert(
          fc.asyncProperty(walks, async (steps) => {
            const { taken, done, parted } = await walk(steps, perform);
            expect(parted).toBeNull();
            counts.walks += 1;
            counts.taken += taken;
            counts.done += done;
          }),
          { numRuns: 5, seed: SEED + counts.walks },
        );
      }
      tell(
        `tried ${counted(counts.taken, 'step')} in ${counted(counts.walks, 'walk')}: ${counts.done} carried out, ${counts.taken - counts.done} refused, each as the model says (seed ${SEED})`,
      );
      expect(counts.done).toBeGreaterThan(wanted / 10);
    },
  );

  const controls: [string, Perform][] = [
    [
      'lets a withdrawal end an active key',
      async (world, taken) => {
        const reason = await perform(world, taken);
        if (taken.does !== 'withdraw' || reason !== 'not-pending') return reason;
        const { write } = world.app.db.connections;
        write
          .prepare("update keys set status = 'REVOKED', revoked_at = 1 where id = ? and status = 'ACTIVE'")
          .run(world.keys[taken.key]?.id);
        return reason;
      },
    ],
    [
      'forgets pending requests when somebody is disabled',
      async (world, taken) => {
        const { write } = world.app.db.connections;
        const pending = write
          .prepare<[], { id: string }>("select id from keys where status = 'PENDING'")
          .all();
        const reason = await perform(world, taken);
        if (taken.does === 'disable')
          for (const { id } of pending)
            write.prepare("update keys set status = 'PENDING', revoked_at = null where id = ?").run(id);
        return reason;
      },
    ],
    [
      'remembers a key that worked',
      (() => {
        const worked = new Set<string>();
        return async (world, taken) => {
          const reason = await perform(world, taken);
          if (taken.does !== 'verify') return reason;
          const id = `${world.keys[taken.key]?.rawKey} ${taken.tool}`;
          if (reason === null) worked.add(id);
          return worked.has(id) ? null : reason;
        };
      })(),
    ],
  ];
  it.for(controls)(
    'control: a server that %s is caught',
    limit({ short: 60, full: 60 }),
    async ([, broken], { task }) => {
      let parted: string | null = null;
      const { failed, numRuns } = await fc.check(
        fc.asyncProperty(walks, async (steps) => {
          ({ parted } = await walk(steps, broken));
          return parted === null;
        }),
        { seed: CONTROL_SEED, endOnFailure: true },
      );
      teller(task)(`control caught in walk ${numRuns}: ${parted}`);
      expect(failed).toBe(true);
    },
  );
});

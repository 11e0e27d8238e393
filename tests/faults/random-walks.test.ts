import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Beginning, makeBeginning, type Perform, perform } from './model-world';
import { walk } from './random-walk';
import { amount, counted, limit, reportLog, SEED } from './report';
import { walks } from './steps';

let beginning: Beginning;

beforeAll(async () => {
  beginning = await makeBeginning();
});

afterAll(() => rmSync(beginning.dataDir, { recursive: true, force: true }));

/** Controls have a seed of their own, with which they are found soon. */
const CONTROL_SEED = 4;

describe('Random walks over the state machine', () => {
  it(
    'leave the database as the model says after every step',
    limit({ short: 60, full: 600 }),
    async ({ task }) => {
      const log = reportLog(task);
      const [wanted, counts] = [amount(600, 12_000), { walks: 0, taken: 0, done: 0 }];
      while (counts.taken < wanted) {
        await fc.assert(
          fc.asyncProperty(walks, async (steps) => {
            const { taken, done, parted } = await walk(beginning, steps, perform);
            expect(parted).toBeNull();
            counts.walks += 1;
            counts.taken += taken;
            counts.done += done;
          }),
          { numRuns: 5, seed: SEED + counts.walks },
        );
      }
      log(
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
          ({ parted } = await walk(beginning, steps, broken));
          return parted === null;
        }),
        { seed: CONTROL_SEED, endOnFailure: true },
      );
      reportLog(task)(`control caught in walk ${numRuns}: ${parted}`);
      expect(failed).toBe(true);
    },
  );
});

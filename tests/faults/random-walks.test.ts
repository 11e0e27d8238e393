import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTemplate, type Perform, perform, type Template } from './model-world';
import { walk } from './random-walk';
import { amount, counted, limit, reportLog, SEED } from './report';
import { walks } from './steps';

let template: Template;

beforeAll(async () => {
  template = await createTemplate();
});

afterAll(() => rmSync(template.dataDir, { recursive: true, force: true }));

/** A seed with which the controls are caught early. */
const CONTROL_SEED = 4;

describe('Random walks over the life of keys', () => {
  it(
    'leave the database as the model predicts after every step',
    limit({ short: 60, full: 600 }),
    async ({ task }) => {
      const log = reportLog(task);
      const [wanted, counts] = [amount(600, 12_000), { walks: 0, taken: 0, done: 0 }];
      while (counts.taken < wanted) {
        await fc.assert(
          fc.asyncProperty(walks, async (steps) => {
            const { taken, done, parted } = await walk(template, steps, perform);
            expect(parted).toBeNull();
            counts.walks += 1;
            counts.taken += taken;
            counts.done += done;
          }),
          { numRuns: 5, seed: SEED + counts.walks },
        );
      }
      log(
        `tried ${counted(counts.taken, 'step')} in ${counted(counts.walks, 'walk')}: ${counts.done} succeeded, ${counts.taken - counts.done} failed, each as the model predicts (seed ${SEED})`,
      );
      expect(counts.done).toBeGreaterThan(wanted / 10);
    },
  );

  const controls: [string, Perform][] = [
    [
      'withdraws active keys',
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
      'keeps the pending requests of disabled people',
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
      'caches accepted keys',
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
          ({ parted } = await walk(template, steps, broken));
          return parted === null;
        }),
        { seed: CONTROL_SEED, endOnFailure: true },
      );
      reportLog(task)(`control caught in walk ${numRuns}: ${parted}`);
      expect(failed).toBe(true);
    },
  );
});

import { isDeepStrictEqual } from 'node:util';
import { expectation, type Step } from './model';
import { asModel, closeWorld, newModel, openWorld, type Perform, type Template } from './model-world';
import { findTrailDifferences } from './replay';

export interface Walked {
  taken: number;
  done: number;
  /** The first difference between model and application; null when there is none. */
  parted: string | null;
}

/** Takes the steps in the model and in the application, until they differ. */
export async function walk(template: Template, steps: Step[], doStep: Perform): Promise<Walked> {
  const world = await openWorld(template);
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
      const { people, tools, keys } = model;
      const mustBe = { reason: expected.refused, entries: expected.entries, people, tools, keys };
      if (isDeepStrictEqual(is, mustBe)) continue;
      const parted = `step ${walked.taken} (${JSON.stringify(next)}): ${difference(is, mustBe)}`;
      return { ...walked, parted };
    }
    const [parted = null] = findTrailDifferences(read, { people: false });
    return { ...walked, parted };
  } finally {
    await closeWorld(world);
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

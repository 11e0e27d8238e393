const SAMPLE_MS = 60_000;

/**
 * Which refused attempts of signed-in people go on the audit trail: of each person and procedure the first in a
 * minute. A page that loads itself anew, or a script, would otherwise fill the disk with entries kept for ever.
 */
export interface Sampler {
  /**
   * To be called for every attempt: how many of the same were left out since the last one that was recorded, when
   * this one is to be recorded; null when it is to be left out and counted.
   */
  take(actorId: string, procedure: string, at: number): number | null;
}

/** A sample that knows of nothing yet. In memory, so counts not told of end with the process. */
export function createSampler(): Sampler {
  const seen = new Map<string, { since: number; leftOut: number }>();
  return {
    take(actorId, procedure, at) {
      const which = `${actorId} ${procedure}`;
      const last = seen.get(which);
      if (last !== undefined && at - last.since < SAMPLE_MS) {
        last.leftOut += 1;
        return null;
      }
      seen.set(which, { since: at, leftOut: 0 });
      return last?.leftOut ?? 0;
    },
  };
}

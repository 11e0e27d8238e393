const INTERVAL_MS = 60_000;

/**
 * Limits audit entries about refused attempts to one per user and procedure each minute. Otherwise a page that reloads
 * itself or a script would fill the disk with entries that can't be deleted. Counts are lost when the process ends.
 */
export interface Sampler {
  /**
   * Call it for every attempt.
   *
   * @returns null if this attempt isn't recorded; otherwise the number of attempts left out since the last entry.
   */
  take(actorId: string, procedure: string, at: number): number | null;
}

export function createSampler(): Sampler {
  const attempts = new Map<string, { recordedAt: number; leftOut: number }>();
  return {
    take(actorId, procedure, at) {
      const key = `${actorId} ${procedure}`;
      const last = attempts.get(key);
      if (last !== undefined && at - last.recordedAt < INTERVAL_MS) {
        last.leftOut += 1;
        return null;
      }
      attempts.set(key, { recordedAt: at, leftOut: 0 });
      return last?.leftOut ?? 0;
    },
  };
}

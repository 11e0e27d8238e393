import { describe, expect, test, vi } from 'vitest';
import { createNotePassed } from '~/gateway/collection.server';

const MIB = 1024 * 1024;

describe('memory of bodies that have passed', () => {
  test('is collected every 16 MiB, what is young only', () => {
    const collect = vi.fn();
    const notePassed = createNotePassed(collect);
    for (let passed = 0; passed < 15; passed++) notePassed(MIB);
    expect(collect).not.toHaveBeenCalled();
    notePassed(MIB);
    expect(collect.mock.calls).toEqual([[{ type: 'minor' }]]);
    for (let passed = 0; passed < 15; passed++) notePassed(MIB);
    expect(collect).toHaveBeenCalledTimes(1);
    notePassed(40 * MIB);
    expect(collect).toHaveBeenCalledTimes(2);
  });

  test('is counted for each gateway by itself', () => {
    const [one, other] = [vi.fn(), vi.fn()];
    const notes = [createNotePassed(one), createNotePassed(other)];
    for (const notePassed of notes) notePassed(15 * MIB);
    notes[0]?.(MIB);
    expect([one.mock.calls.length, other.mock.calls.length]).toEqual([1, 0]);
  });

  test('is left to V8 where it hands out no collector', () => {
    const notePassed = createNotePassed(null);
    expect(() => notePassed(64 * MIB)).not.toThrow();
  });

  test('is collected by V8’s own collector, of which no global is made', () => {
    const notePassed = createNotePassed();
    expect(() => notePassed(64 * MIB)).not.toThrow();
    expect(globalThis.gc).toBeUndefined();
  });
});

import { afterEach, beforeEach, expect, vi } from 'vitest';

// An error that nobody expected must not scroll by: a test that wants one spies on it itself.
beforeEach(() => {
  vi.spyOn(console, 'error');
});

afterEach(() => {
  if (vi.isMockFunction(console.error)) expect(console.error).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

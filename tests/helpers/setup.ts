import { afterEach, beforeEach, expect, vi } from 'vitest';

// An unexpected console.error fails the test. A test that expects one mocks it itself.
beforeEach(() => {
  vi.spyOn(console, 'error');
});

afterEach(() => {
  if (vi.isMockFunction(console.error)) expect(console.error).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

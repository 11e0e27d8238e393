import { expect } from 'vitest';
import type { RecordingProxy } from '../helpers/recording-proxy';
import { dataFiles, type RunningServer } from '../helpers/server';

/** The raw key is in the one response that revealed it, and in nothing else that was sent, logged or stored. */
export function expectShownOnce(
  { server, tap }: { server: RunningServer; tap: RecordingProxy },
  rawKey: string,
): void {
  const shown = tap.exchanges.filter((exchange) => exchange.body().includes(rawKey));
  expect(shown.map(({ method }) => method)).toEqual(['POST']);
  expect(shown[0]?.headers['cache-control']).toBe('no-store');
  for (const { url, requestBody, headers } of tap.exchanges) {
    expect(decodeURIComponent(url)).not.toContain(rawKey);
    expect(requestBody).not.toContain(rawKey);
    expect(JSON.stringify(headers)).not.toContain(rawKey);
  }
  expect(server.output()).not.toContain(rawKey);
  for (const [name, content] of dataFiles(server.dataDir)) {
    expect(content.includes(rawKey), `${name} contains a raw key`).toBe(false);
  }
}

import type { Server, ServerResponse } from 'node:http';

/**
 * Tracks the event streams of open pages. They never end by themselves, so a stopping server must abort them. The pages
 * reconnect when the next server is up.
 */
export function trackEventStreams(server: Server): { abort(): void } {
  const open = new Set<ServerResponse>();
  server.on('request', (request, response) => {
    const isEventStream =
      request.url?.startsWith('/api/') && request.headers.accept?.includes('text/event-stream');
    if (!isEventStream) return;
    open.add(response);
    response.once('close', () => open.delete(response));
  });
  return {
    abort() {
      for (const response of open) response.destroy();
    },
  };
}

import type { Server, ServerResponse } from 'node:http';

/**
 * Keeps sight of the answers on which open pages listen for changes. They never end by themselves, so a server
 * that stops has to let go of them; the pages connect again by themselves, to the next one.
 */
export function trackEventStreams(server: Server): { cut(): void } {
  const open = new Set<ServerResponse>();
  server.on('request', (request, response) => {
    const listens = request.url?.startsWith('/api/') && request.headers.accept?.includes('text/event-stream');
    if (!listens) return;
    open.add(response);
    response.once('close', () => open.delete(response));
  });
  return {
    cut() {
      for (const response of open) response.destroy();
    },
  };
}

import { join } from 'node:path';
import type { RunningServer } from '../../helpers/server';
import type { Bench } from '../bench';
import {
  addAuditEntries,
  addKeys,
  addRoutedTool,
  addUsers,
  databaseFile,
  gatewayQueries,
  makeData,
} from '../dataset';
import { type Program, startListening } from '../processes';

export const SLUG = 'acme';

export interface Gateway {
  server: RunningServer;
  /** The bare server, on the same database and upstream. */
  bare: Program;
  /** Raw keys of the tool. */
  keys: string[];
}

/**
 * Starts the server, with a tool that routes to `upstream` and `keyCount` active keys for it, and the bare server.
 *
 * @param past number of revoked keys and of audit entries to add.
 */
export async function startGateway(
  bench: Bench,
  upstream: string,
  keyCount = 100,
  past = 0,
): Promise<Gateway> {
  const dataDir = join(bench.folder, 'data');
  const keys = await makeData(dataDir, async (app) => {
    const toolId = await addRoutedTool(app, SLUG, upstream);
    const createdAt = app.now();
    const holders = addUsers(app, keyCount);
    const ended = { toolId, status: 'REVOKED', createdAt } as const;
    addKeys(
      app,
      Array.from({ length: past }, (_, at) => ({ ...ended, holderId: holders[at % keyCount] ?? '' })),
    );
    addAuditEntries(app, past, holders);
    return addKeys(
      app,
      holders.map((holderId) => ({ holderId, toolId, status: 'ACTIVE', createdAt })),
    );
  });
  const server = await bench.serve(dataDir);
  const settings = { DATABASE: databaseFile({ dataDir }), UPSTREAM: upstream, ...gatewayQueries() };
  const bare = await startListening(bench.cleanup, 'bare', settings);
  return { server, bare, keys };
}

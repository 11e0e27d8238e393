import { join } from 'node:path';
import type { RunningServer } from '../../helpers/server';
import type { Bench } from '../bench';
import {
  addAuditEntries,
  addKeys,
  addTool,
  addUsers,
  databaseFile,
  gatewayQueries,
  makeData,
} from '../dataset';
import { type Beside, startListening } from '../processes';

export const SLUG = 'acme';

export interface Gateway {
  server: RunningServer;
  /** The bare server beside it, on the same database and the same upstream. */
  bare: Beside;
  /** Active keys of the tool, all different. */
  keys: string[];
}

/**
 * The server with a tool that leads to `upstream` and as many keys for it, and the bare one beside it.
 *
 * @param past how many revoked keys and audit entries there are besides.
 */
export async function startGateway(
  bench: Bench,
  upstream: string,
  keyCount = 100,
  past = 0,
): Promise<Gateway> {
  const dataDir = join(bench.folder, 'data');
  const keys = await makeData(dataDir, async (app) => {
    const toolId = await addTool(app, SLUG, upstream);
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

import { keysRouter } from '~/keys/keys.router.server';
import { requestsRouter } from '~/requests/requests.router.server';
import { createCallerFactory, router } from './init.server';

/** The whole API. Names are a contract: clients outside this repository call them. */
export const appRouter = router({
  keys: keysRouter,
  requests: requestsRouter,
});

export type AppRouter = typeof appRouter;
export const createCaller = createCallerFactory(appRouter);
export type Caller = ReturnType<typeof createCaller>;

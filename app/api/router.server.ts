import { auditRouter } from './audit.router.server';
import { authRouter } from './auth.router.server';
import { keysRouter } from './keys.router.server';
import { liveRouter } from './live.router.server';
import { createCallerFactory, router } from './procedures.server';
import { requestsRouter } from './requests.router.server';
import { serviceAccountsRouter } from './service-accounts.router.server';
import { toolsRouter } from './tools.router.server';
import { usersRouter } from './users.router.server';

/** The whole API. Procedure names and fields are a contract with clients outside this repository. */
export const appRouter = router({
  live: liveRouter,
  audit: auditRouter,
  auth: authRouter,
  keys: keysRouter,
  requests: requestsRouter,
  serviceAccounts: serviceAccountsRouter,
  tools: toolsRouter,
  users: usersRouter,
});

export type AppRouter = typeof appRouter;
export const createCaller = createCallerFactory(appRouter);
export type Caller = ReturnType<typeof createCaller>;

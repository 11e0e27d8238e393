import { auditRouter } from '~/audit/audit.router.server';
import { authRouter } from '~/auth/auth.router.server';
import { keysRouter } from '~/keys/keys.router.server';
import { requestsRouter } from '~/requests/requests.router.server';
import { serviceAccountsRouter } from '~/service-accounts/service-accounts.router.server';
import { toolsRouter } from '~/tools/tools.router.server';
import { usersRouter } from '~/users/users.router.server';
import { createCallerFactory, router } from './init.server';
import { liveRouter } from './live.server';

/** The whole API. Names are a contract: clients outside this repository call them. */
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

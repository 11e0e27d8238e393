import { adminProcedure, memberProcedure, router, unwrap } from '~/trpc/init.server';
import { setRequiresApproval } from './tool-changes.server';
import { setRequiresApprovalInput, toolInput } from './tools.schema';
import { describeForRequest, describeForSettings, listAvailableTools } from './tools.server';

export const toolsRouter = router({
  available: memberProcedure.query(({ ctx }) => listAvailableTools(ctx.app, ctx.actor)),

  forRequest: memberProcedure
    .input(toolInput)
    .query(async ({ ctx, input }) => unwrap(await describeForRequest(ctx.app, ctx.actor, input.tool))),

  forSettings: memberProcedure
    .input(toolInput)
    .query(async ({ ctx, input }) => unwrap(await describeForSettings(ctx.app, input.tool))),

  setRequiresApproval: adminProcedure
    .input(setRequiresApprovalInput)
    .mutation(async ({ ctx, input }) => unwrap(await setRequiresApproval(ctx.app, ctx.actor, input))),
});

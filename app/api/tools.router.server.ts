import {
  getTool,
  getToolForRequest,
  getToolForSnippets,
  listAvailableTools,
  listTools,
} from '~/tools/list-tools.server';
import { presets } from '~/tools/presets';
import { createTool, updateTool } from '~/tools/save-tool.server';
import { testConnection } from '~/tools/test-connection.server';
import { removeCredential, setCredential } from '~/tools/tool-credentials.server';
import { archiveTool, restoreTool, setRequiresApproval } from '~/tools/tool-status.server';
import {
  createToolInput,
  listToolsInput,
  setCredentialInput,
  setRequiresApprovalInput,
  toolInput,
  updateToolInput,
} from '~/tools/tools.schema';
import { adminProcedure, memberProcedure, router, unwrap } from './procedures.server';

export const toolsRouter = router({
  available: memberProcedure.query(({ ctx }) => listAvailableTools(ctx.app, ctx.actor)),

  forRequest: memberProcedure
    .input(toolInput)
    .query(async ({ ctx, input }) => unwrap(await getToolForRequest(ctx.app, ctx.actor, input.tool))),

  forSettings: memberProcedure
    .input(toolInput)
    .query(async ({ ctx, input }) => unwrap(await getToolForSnippets(ctx.app, input.tool))),

  list: adminProcedure.input(listToolsInput).query(({ ctx, input }) => listTools(ctx.app, input)),

  get: adminProcedure
    .input(toolInput)
    .query(async ({ ctx, input }) => unwrap(await getTool(ctx.app, input.tool))),

  presets: adminProcedure.query(() => presets),

  create: adminProcedure
    .input(createToolInput)
    .mutation(async ({ ctx, input }) => unwrap(await createTool(ctx.app, ctx.actor, input))),

  update: adminProcedure
    .input(updateToolInput)
    .mutation(async ({ ctx, input }) => unwrap(await updateTool(ctx.app, ctx.actor, input))),

  setRequiresApproval: adminProcedure
    .input(setRequiresApprovalInput)
    .mutation(async ({ ctx, input }) => unwrap(await setRequiresApproval(ctx.app, ctx.actor, input))),

  setCredential: adminProcedure
    .input(setCredentialInput)
    .mutation(async ({ ctx, input }) => unwrap(await setCredential(ctx.app, ctx.actor, input))),

  removeCredential: adminProcedure
    .input(toolInput)
    .mutation(async ({ ctx, input }) => unwrap(await removeCredential(ctx.app, ctx.actor, input.tool))),

  testConnection: adminProcedure
    .input(toolInput)
    .mutation(async ({ ctx, input }) => unwrap(await testConnection(ctx.app, ctx.actor, input.tool))),

  archive: adminProcedure
    .input(toolInput)
    .mutation(async ({ ctx, input }) => unwrap(await archiveTool(ctx.app, ctx.actor, input.tool))),

  restore: adminProcedure
    .input(toolInput)
    .mutation(async ({ ctx, input }) => unwrap(await restoreTool(ctx.app, ctx.actor, input.tool))),
});

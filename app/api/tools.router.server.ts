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
import { unwrap } from './errors.server';
import { adminProcedure, memberProcedure, router } from './procedures.server';

export const toolsRouter = router({
  available: memberProcedure
    .meta({ summary: 'Lists the tools that the caller can request keys for.' })
    .query(({ ctx }) => listAvailableTools(ctx.app, ctx.actor)),

  forRequest: memberProcedure
    .meta({ summary: 'Returns a tool with what the request form needs.' })
    .input(toolInput)
    .query(async ({ ctx, input }) => unwrap(await getToolForRequest(ctx.app, ctx.actor, input.tool))),

  forSettings: memberProcedure
    .meta({ summary: 'Returns a tool with what client snippets need.' })
    .input(toolInput)
    .query(async ({ ctx, input }) => unwrap(await getToolForSnippets(ctx.app, input.tool))),

  list: adminProcedure
    .meta({ summary: 'Lists all tools, archived ones included.' })
    .input(listToolsInput)
    .query(({ ctx, input }) => listTools(ctx.app, input)),

  get: adminProcedure
    .meta({ summary: 'Returns a tool with its settings. Credentials are never returned.' })
    .input(toolInput)
    .query(async ({ ctx, input }) => unwrap(await getTool(ctx.app, input.tool))),

  presets: adminProcedure.meta({ summary: 'Lists the presets for new tools.' }).query(() => presets),

  create: adminProcedure
    .meta({ summary: 'Creates a tool, from a preset or with all its settings.' })
    .input(createToolInput)
    .mutation(async ({ ctx, input }) => unwrap(await createTool(ctx.app, ctx.actor, input))),

  update: adminProcedure
    .meta({ summary: "Changes a tool's settings. Omitted fields stay as they are." })
    .input(updateToolInput)
    .mutation(async ({ ctx, input }) => unwrap(await updateTool(ctx.app, ctx.actor, input))),

  setRequiresApproval: adminProcedure
    .meta({ summary: 'Sets whether production keys for a tool need approval.' })
    .input(setRequiresApprovalInput)
    .mutation(async ({ ctx, input }) => unwrap(await setRequiresApproval(ctx.app, ctx.actor, input))),

  setCredential: adminProcedure
    .meta({ summary: "Sets or replaces a tool's provider credential, stored encrypted." })
    .input(setCredentialInput)
    .mutation(async ({ ctx, input }) => unwrap(await setCredential(ctx.app, ctx.actor, input))),

  removeCredential: adminProcedure
    .meta({ summary: "Removes a tool's provider credential." })
    .input(toolInput)
    .mutation(async ({ ctx, input }) => unwrap(await removeCredential(ctx.app, ctx.actor, input.tool))),

  testConnection: adminProcedure
    .meta({ summary: "Tests whether a tool's upstream accepts its credential." })
    .input(toolInput)
    .mutation(async ({ ctx, input }) => unwrap(await testConnection(ctx.app, ctx.actor, input.tool))),

  archive: adminProcedure
    .meta({ summary: 'Archives a tool. Its keys stop working until it is restored.' })
    .input(toolInput)
    .mutation(async ({ ctx, input }) => unwrap(await archiveTool(ctx.app, ctx.actor, input.tool))),

  restore: adminProcedure
    .meta({ summary: 'Restores an archived tool.' })
    .input(toolInput)
    .mutation(async ({ ctx, input }) => unwrap(await restoreTool(ctx.app, ctx.actor, input.tool))),
});

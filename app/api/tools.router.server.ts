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
import { adminProcedure, call, memberProcedure, router } from './procedures.server';

export const toolsRouter = router({
  available: memberProcedure('Lists the tools that the caller can request keys for.').query(({ ctx }) =>
    listAvailableTools(ctx.app, ctx.actor),
  ),
  forRequest: memberProcedure('Returns a tool with what the request form needs.')
    .input(toolInput)
    .query(call((app, actor, { tool }) => getToolForRequest(app, actor, tool))),
  forSettings: memberProcedure('Returns a tool with what client snippets need.')
    .input(toolInput)
    .query(async ({ ctx, input }) => unwrap(await getToolForSnippets(ctx.app, input.tool))),
  list: adminProcedure('Lists all tools, archived ones included.')
    .input(listToolsInput)
    .query(({ ctx, input }) => listTools(ctx.app, input)),
  get: adminProcedure('Returns a tool with its settings. Credentials are never returned.')
    .input(toolInput)
    .query(async ({ ctx, input }) => unwrap(await getTool(ctx.app, input.tool))),
  presets: adminProcedure('Lists the presets for new tools.').query(() => presets),
  create: adminProcedure('Creates a tool, from a preset or with all its settings.')
    .input(createToolInput)
    .mutation(call(createTool)),
  update: adminProcedure("Changes a tool's settings. Omitted fields stay as they are.")
    .input(updateToolInput)
    .mutation(call(updateTool)),
  setRequiresApproval: adminProcedure('Sets whether production keys for a tool need approval.')
    .input(setRequiresApprovalInput)
    .mutation(call(setRequiresApproval)),
  setCredential: adminProcedure("Sets or replaces a tool's provider credential, stored encrypted.")
    .input(setCredentialInput)
    .mutation(call(setCredential)),
  removeCredential: adminProcedure("Removes a tool's provider credential.")
    .input(toolInput)
    .mutation(call((app, actor, { tool }) => removeCredential(app, actor, tool))),
  testConnection: adminProcedure("Tests whether a tool's upstream accepts its credential.")
    .input(toolInput)
    .mutation(call((app, actor, { tool }) => testConnection(app, actor, tool))),
  archive: adminProcedure('Archives a tool. Its keys stop working until it is restored.')
    .input(toolInput)
    .mutation(call((app, actor, { tool }) => archiveTool(app, actor, tool))),
  restore: adminProcedure('Restores an archived tool.')
    .input(toolInput)
    .mutation(call((app, actor, { tool }) => restoreTool(app, actor, tool))),
});

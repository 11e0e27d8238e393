import type { Preset } from '~/tools/presets';
import type { ToolView } from '~/tools/tools.schema';

type EditableTool = Pick<
  ToolView,
  | 'displayName'
  | 'slug'
  | 'dialect'
  | 'upstreamUrl'
  | 'credentialHeader'
  | 'headersTimeoutMs'
  | 'maxConcurrentPerKey'
  | 'maxConcurrent'
  | 'requiresApproval'
  | 'needsCredential'
  | 'allowsPlainHttp'
>;

/** The texts and checkboxes (`on` or empty) of the form that adds or edits a tool. */
export type ToolFormValues = Record<
  Exclude<keyof EditableTool, 'headersTimeoutMs'> | 'headersTimeoutSeconds',
  string
>;

/** A tool as the form shows it. */
export function toFormValues(tool: EditableTool): ToolFormValues {
  const checkbox = (value: boolean) => (value ? 'on' : '');
  return {
    displayName: tool.displayName,
    slug: tool.slug,
    dialect: tool.dialect,
    upstreamUrl: tool.upstreamUrl ?? '',
    credentialHeader: tool.credentialHeader ?? '',
    headersTimeoutSeconds: String(tool.headersTimeoutMs / 1_000),
    maxConcurrentPerKey: String(tool.maxConcurrentPerKey ?? ''),
    maxConcurrent: String(tool.maxConcurrent ?? ''),
    requiresApproval: checkbox(tool.requiresApproval),
    needsCredential: checkbox(tool.needsCredential),
    allowsPlainHttp: checkbox(tool.allowsPlainHttp),
  };
}

/** The form of a new tool: the preset's values, or the defaults. */
export function newToolValues(preset?: Preset): ToolFormValues {
  return toFormValues({
    displayName: preset?.displayName ?? '',
    slug: preset?.slug ?? '',
    dialect: preset?.dialect ?? 'openai',
    upstreamUrl: preset?.upstreamUrl ?? null,
    credentialHeader: preset?.credentialHeader ?? null,
    headersTimeoutMs: 600_000,
    maxConcurrentPerKey: null,
    maxConcurrent: null,
    requiresApproval: true,
    needsCredential: preset?.needsCredential ?? true,
    allowsPlainHttp: false,
  });
}

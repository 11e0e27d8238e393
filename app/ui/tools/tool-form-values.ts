import { z } from 'zod';
import type { Preset } from '~/tools/presets';
import type { ToolView } from '~/tools/tools.schema';
import { dialects } from '~db/schema/enums';

/** The form of the built-in tool, which has no upstream. */
const builtInToolForm = z.object({
  displayName: z.string(),
  slug: z.string(),
  requiresApproval: z.boolean(),
  maxConcurrentPerKey: z.string(),
  maxConcurrent: z.string(),
});

const upstreamToolForm = builtInToolForm.extend({
  dialect: z.enum(dialects),
  upstreamUrl: z.string(),
  credentialHeader: z.string(),
  headersTimeoutSeconds: z.string(),
  needsCredential: z.boolean(),
  allowsPlainHttp: z.boolean(),
});

/** The fields that the form of this tool has; null is a new tool. */
export const toolFormOf = (tool: Pick<ToolView, 'upstreamUrl'> | null) =>
  tool?.upstreamUrl === null ? builtInToolForm : upstreamToolForm;

type ToolFormInput = z.input<typeof builtInToolForm> & Partial<z.input<typeof upstreamToolForm>>;
/** Texts and checkboxes (`on` or empty) as the form shows them. */
export type ToolFormValues = Record<keyof z.input<typeof upstreamToolForm>, string>;

/** The form's input as the API takes it. Fields that the form doesn't have are undefined: they don't change. */
export function toToolInput({ headersTimeoutSeconds, ...input }: ToolFormInput) {
  const limit = (text: string) => (text === '' ? null : Number(text));
  return {
    ...input,
    credentialHeader: input.credentialHeader === '' ? null : input.credentialHeader,
    headersTimeoutMs:
      headersTimeoutSeconds === undefined ? undefined : Math.round(Number(headersTimeoutSeconds) * 1_000),
    maxConcurrentPerKey: limit(input.maxConcurrentPerKey),
    maxConcurrent: limit(input.maxConcurrent),
  };
}

type EditableTool = Pick<
  ToolView,
  Exclude<keyof ToolFormValues, 'headersTimeoutSeconds'> | 'headersTimeoutMs'
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

/** The field of an error that names none. */
export const FIELD_OF_ERROR = {
  'slug-taken': 'slug',
  'slug-in-use': 'slug',
  'upstream-not-allowed': 'upstreamUrl',
  'credential-header-required': 'credentialHeader',
} as const;

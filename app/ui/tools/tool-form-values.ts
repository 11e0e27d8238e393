import type { Preset } from '~/tools/presets';
import type { ToolView } from '~/tools/tools.schema';
import type { Dialect } from '~db/schema/enums';

/** The fields of the form that adds or edits a tool, as a browser sends them: checkboxes as `on` or nothing. */
const TEXT_FIELDS = [
  'displayName',
  'slug',
  'dialect',
  'upstreamUrl',
  'credentialHeader',
  'headersTimeoutSeconds',
  'maxConcurrentPerKey',
  'maxConcurrent',
] as const;
const CHECKBOXES = ['requiresApproval', 'needsCredential', 'allowsPlainHttp'] as const;
type Field = (typeof TEXT_FIELDS)[number] | (typeof CHECKBOXES)[number];

export type ToolFormValues = Partial<Record<Field, string>>;

/** What was typed, to be shown again. */
export function readToolForm(form: FormData): ToolFormValues {
  const values: ToolFormValues = {};
  for (const field of TEXT_FIELDS) {
    const value = form.get(field);
    if (typeof value === 'string') values[field] = value;
  }
  // A browser leaves an unticked box out, so its absence means no, where the form has the box at all.
  for (const field of CHECKBOXES) {
    if (form.has(`${field}-shown`)) values[field] = form.get(field) === 'on' ? 'on' : '';
  }
  return values;
}

/** A form's values as the API takes them. What the form did not show is left out, and stays as it is. */
export function toToolInput(values: ToolFormValues) {
  const number = (text: string | undefined, unit = 1) =>
    text === undefined ? undefined : Math.round(Number(text) * unit);
  const limit = (text: string | undefined) => (text?.trim() === '' ? null : number(text));
  const ticked = (text: string | undefined) => (text === undefined ? undefined : text === 'on');
  return {
    displayName: values.displayName,
    slug: values.slug,
    // Whether it is one of the dialects, the schema says.
    dialect: values.dialect as Dialect | undefined,
    upstreamUrl: values.upstreamUrl,
    credentialHeader: values.credentialHeader === '' ? null : values.credentialHeader,
    headersTimeoutMs: number(values.headersTimeoutSeconds, 1_000),
    maxConcurrentPerKey: limit(values.maxConcurrentPerKey),
    maxConcurrent: limit(values.maxConcurrent),
    requiresApproval: ticked(values.requiresApproval),
    needsCredential: ticked(values.needsCredential),
    allowsPlainHttp: ticked(values.allowsPlainHttp),
  };
}

/** A tool as the form shows it. */
export function toFormValues(
  tool: Pick<
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
  >,
): Required<ToolFormValues> {
  const box = (value: boolean) => (value ? 'on' : '');
  return {
    displayName: tool.displayName,
    slug: tool.slug,
    dialect: tool.dialect,
    upstreamUrl: tool.upstreamUrl ?? '',
    credentialHeader: tool.credentialHeader ?? '',
    headersTimeoutSeconds: String(tool.headersTimeoutMs / 1_000),
    maxConcurrentPerKey: String(tool.maxConcurrentPerKey ?? ''),
    maxConcurrent: String(tool.maxConcurrent ?? ''),
    requiresApproval: box(tool.requiresApproval),
    needsCredential: box(tool.needsCredential),
    allowsPlainHttp: box(tool.allowsPlainHttp),
  };
}

/** Which field a refusal without fields of its own belongs to. */
export const REFUSED_FIELDS = {
  'slug-taken': 'slug',
  'slug-in-use': 'slug',
  'upstream-not-allowed': 'upstreamUrl',
  'credential-header-required': 'credentialHeader',
} as const;

/** What the form holds for a new tool: the preset's values, or what is usual. */
export function newToolValues(preset?: Preset): Required<ToolFormValues> {
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

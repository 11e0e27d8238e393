import { z } from 'zod';
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

type ToolForm = z.input<typeof builtInToolForm> & Partial<z.input<typeof upstreamToolForm>>;

/** The fields that the form of this tool has; null is a new tool. */
export const toolFormOf = (tool: { upstreamUrl: string | null } | null) =>
  tool?.upstreamUrl === null ? builtInToolForm : upstreamToolForm;

/** The form's input as the API takes it. Fields that the form doesn't have are undefined, so that the tool keeps them. */
export function toToolInput({ headersTimeoutSeconds, ...input }: ToolForm) {
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

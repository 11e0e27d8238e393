import { z } from 'zod';
import { dialects } from '~db/schema/enums';
import { findPreset, type Preset, presets } from './presets';

/** Procedures name a tool by its slug. */
export const toolInput = z.object({ tool: z.string('Name the tool by its slug.').min(1).max(100) });

export const setRequiresApprovalInput = toolInput.extend({ requiresApproval: z.boolean() });

const SLUG_WORDS = 'Use 2 to 40 lower-case letters, digits and single hyphens, such as “my-tool”.';
const slug = z
  .string(SLUG_WORDS)
  .trim()
  .regex(/^(?=.{2,40}$)[a-z0-9]+(-[a-z0-9]+)*$/, SLUG_WORDS)
  // Its page would stand where the page that adds tools stands.
  .refine((text) => text !== 'new', 'Choose another slug: “new” has a meaning of its own.');

const NAME_WORDS = 'Give the tool a name of at most 60 characters.';
const displayName = z
  .string(NAME_WORDS)
  .trim()
  .min(1, NAME_WORDS)
  .max(60, NAME_WORDS)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'Keep the name to one line.');

/** Only its shape; whether it may be called is the gateway's to say (`upstreamProblem`). */
const upstreamUrl = z
  .string('Give the URL that calls go to.')
  .trim()
  .min(1, 'Give the URL that calls go to.')
  .max(500, 'Keep the URL to 500 characters.')
  .refine((text) => !text.includes('YOUR-'), 'Put your own resource’s name where it says YOUR-….')
  .transform((text) => text.replace(/\/+$/, ''));

/** Headers that the connection itself needs, or that never go upstream. */
const NO_CREDENTIAL_HEADER =
  /^(host|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|cookie2?|via|forwarded|x-forwarded-.*|proxy-.*|accept.*|range|if-.*)$/i;
const HEADER_WORDS = 'Give the name of one header, such as “x-api-key”.';
const credentialHeader = z
  .string(HEADER_WORDS)
  .trim()
  .max(100, HEADER_WORDS)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, HEADER_WORDS)
  .refine((name) => !NO_CREDENTIAL_HEADER.test(name), 'This header is taken; name another one.')
  .nullable();

const headersTimeoutMs = z
  .int('Give a whole number.')
  .min(1_000, 'Wait for at least 1 second.')
  .max(3_600_000, 'Wait for at most 3600 seconds.');

const LIMIT_WORDS = 'Give a number from 1 to 100000, or leave it empty.';
const limit = z.int(LIMIT_WORDS).min(1, LIMIT_WORDS).max(100_000, LIMIT_WORDS).nullable();

/** What makes a tool, whole. */
const wholeTool = z.object({
  preset: z.string().nullable(),
  slug,
  displayName,
  requiresApproval: z.boolean(),
  dialect: z.enum(dialects, 'Pick one of the dialects.'),
  upstreamUrl,
  /** For the `generic` dialect: the header that carries the credential upstream. */
  credentialHeader,
  needsCredential: z.boolean(),
  /** Plain http to a public address is wanted. */
  allowsPlainHttp: z.boolean(),
  /** How long to wait for the upstream's response headers. */
  headersTimeoutMs,
  /** Concurrent calls of one key, and of all keys together; null for no limit of the tool's own. */
  maxConcurrentPerKey: limit,
  maxConcurrent: limit,
});
type WholeTool = z.input<typeof wholeTool>;

/** What an admin can change of a tool, all optional: what is left out stays. */
const changes = wholeTool.omit({ preset: true }).partial();

export const updateToolInput = toolInput.extend(changes.shape);
export type UpdateToolInput = z.output<typeof updateToolInput>;

const presetIds = presets.map(({ id }) => id);

/** A new tool: from a preset, whose values stand for what is left out, or custom, with all of it given. */
export const createToolInput = changes
  .extend({ preset: z.enum(presetIds, 'Pick one of the presets.').nullish() })
  .transform(({ preset: id, ...given }) => {
    const preset = findPreset(id ?? null);
    const tool: Partial<WholeTool> = { ...DEFAULTS, ...(preset && proposalOf(preset)), ...defined(given) };
    // What is still missing, the schema of the whole tool asks for.
    return tool as WholeTool;
  })
  .pipe(wholeTool);
export type CreateToolInput = z.output<typeof createToolInput>;

const DEFAULTS = {
  preset: null,
  requiresApproval: true,
  credentialHeader: null,
  needsCredential: true,
  allowsPlainHttp: false,
  headersTimeoutMs: 600_000,
  maxConcurrentPerKey: null,
  maxConcurrent: null,
};

/** What a preset brings into a new tool. */
function proposalOf(preset: Preset): Partial<WholeTool> {
  const { id, displayName, dialect, upstreamUrl, needsCredential, credentialHeader } = preset;
  return {
    preset: id,
    slug: preset.slug,
    displayName,
    dialect,
    upstreamUrl: upstreamUrl ?? undefined,
    needsCredential,
    credentialHeader,
  };
}

/** Without the fields that are there in name only. */
const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;

const CREDENTIAL_WORDS = 'Paste the credential as the provider shows it: one line, without spaces around it.';

export const setCredentialInput = toolInput.extend({
  credential: z
    .string('Paste the provider’s credential.')
    .trim()
    .min(1, 'Paste the provider’s credential.')
    .max(4_096, 'This is longer than any credential.')
    // It becomes a header's value: nothing in it may end the header.
    .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, CREDENTIAL_WORDS),
});

export const toolStates = ['live', 'archived'] as const;

export const listToolsInput = z
  .object({
    /** Part of a name or slug, whatever the case. */
    query: z.string().trim().max(200).optional(),
    state: z.enum(toolStates).optional(),
  })
  .optional();
export type ListToolsInput = z.output<typeof listToolsInput>;

import { z } from 'zod';
import {
  MAX_CREDENTIAL_LENGTH,
  MAX_HEADER_NAME_LENGTH,
  MAX_LOOKUP_LENGTH,
  MAX_SEARCH_LENGTH,
  MAX_TOOL_NAME_LENGTH,
  MAX_URL_LENGTH,
  ONE_LINE,
  TOOL_SLUG_LENGTH,
} from '~/core/limits';
import { type Dialect, dialects, type Environment, type KeyStatus } from '~db/schema/enums';
import { findPreset, type Preset, presets } from './presets';

/** Procedures identify a tool by its slug. */
export const toolInput = z.object({
  tool: z.string('Name the tool by its slug.').min(1).max(MAX_LOOKUP_LENGTH),
});

export const setRequiresApprovalInput = toolInput.extend({ requiresApproval: z.boolean() });

const SLUG_MESSAGE = `Use ${TOOL_SLUG_LENGTH.min} to ${TOOL_SLUG_LENGTH.max} lowercase letters, digits and single hyphens, such as “my-tool”.`;
const slug = z
  .string(SLUG_MESSAGE)
  .trim()
  .min(TOOL_SLUG_LENGTH.min, SLUG_MESSAGE)
  .max(TOOL_SLUG_LENGTH.max, SLUG_MESSAGE)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, SLUG_MESSAGE)
  // The tool's page would have the URL of the page that adds tools.
  .refine((text) => text !== 'new', '“new” is reserved. Choose another slug.');

const NAME_MESSAGE = `Enter a name of at most ${MAX_TOOL_NAME_LENGTH} characters.`;
const displayName = z
  .string(NAME_MESSAGE)
  .trim()
  .min(1, NAME_MESSAGE)
  .max(MAX_TOOL_NAME_LENGTH, NAME_MESSAGE)
  .regex(ONE_LINE, 'Use a single line.');

/** Checks the shape only. `upstreamProblem` in the gateway decides whether it may be called. */
const upstreamUrl = z
  .string('Enter the upstream URL.')
  .trim()
  .min(1, 'Enter the upstream URL.')
  .max(MAX_URL_LENGTH, `Use at most ${MAX_URL_LENGTH} characters.`)
  .refine((text) => !text.includes('YOUR-'), 'Replace YOUR-… with the name of your resource.')
  .transform((text) => text.replace(/\/+$/, ''));

/** Headers that belong to the connection, or that the gateway never sends upstream. */
const RESERVED_HEADERS =
  /^(host|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|cookie2?|via|forwarded|x-forwarded-.*|proxy-.*|accept.*|range|if-.*)$/i;
const HEADER_MESSAGE = 'Enter the name of one header, such as “x-api-key”.';
const credentialHeader = z
  .string(HEADER_MESSAGE)
  .trim()
  .max(MAX_HEADER_NAME_LENGTH, HEADER_MESSAGE)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, HEADER_MESSAGE)
  .refine((name) => !RESERVED_HEADERS.test(name), 'This header is reserved. Choose another one.')
  .nullable();

const headersTimeoutMs = z
  .int('Enter a whole number.')
  .min(1_000, 'Use at least 1 second.')
  .max(3_600_000, 'Use at most 3600 seconds.');

const CONCURRENCY_MESSAGE = 'Enter a number from 1 to 100000, or leave this empty.';
const maxConcurrentCalls = z
  .int(CONCURRENCY_MESSAGE)
  .min(1, CONCURRENCY_MESSAGE)
  .max(100_000, CONCURRENCY_MESSAGE)
  .nullable();

const completeTool = z.object({
  preset: z.string().nullable(),
  slug,
  displayName,
  requiresApproval: z.boolean(),
  dialect: z.enum(dialects, 'Choose an API format.'),
  upstreamUrl,
  /** For the `generic` dialect: the header that carries the credential upstream. */
  credentialHeader,
  needsCredential: z.boolean(),
  /** Allows plain HTTP to a public address. */
  allowsPlainHttp: z.boolean(),
  /** How long to wait for the upstream's response headers. */
  headersTimeoutMs,
  /** Concurrent calls per key, and of all keys together; null for no limit. */
  maxConcurrentPerKey: maxConcurrentCalls,
  maxConcurrent: maxConcurrentCalls,
});
type CompleteTool = z.input<typeof completeTool>;

const changes = completeTool.omit({ preset: true }).partial();

export const updateToolInput = toolInput.extend(changes.shape);
export type UpdateToolInput = z.output<typeof updateToolInput>;

const presetIds = presets.map(({ id }) => id);

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

/** A new tool. What the input leaves out comes from the preset; a custom tool must be complete. */
export const createToolInput = changes
  .extend({ preset: z.enum(presetIds, 'Choose a preset.').nullish() })
  .transform(({ preset: id, ...input }) => {
    const preset = findPreset(id ?? null);
    const tool: Partial<CompleteTool> = {
      ...DEFAULTS,
      ...(preset && defaultsOf(preset)),
      ...withoutUndefined(input),
    };
    // `completeTool` reports what is still missing.
    return tool as CompleteTool;
  })
  .pipe(completeTool);
export type CreateToolInput = z.output<typeof createToolInput>;

function defaultsOf(preset: Preset): Partial<CompleteTool> {
  const { id, slug, displayName, dialect, upstreamUrl, needsCredential, credentialHeader } = preset;
  return {
    preset: id,
    slug,
    displayName,
    dialect,
    upstreamUrl: upstreamUrl ?? undefined,
    needsCredential,
    credentialHeader,
  };
}

const withoutUndefined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;

export const setCredentialInput = toolInput.extend({
  credential: z
    .string('Paste the provider’s credential.')
    .trim()
    .min(1, 'Paste the provider’s credential.')
    .max(MAX_CREDENTIAL_LENGTH, `Use at most ${MAX_CREDENTIAL_LENGTH} characters.`)
    // Becomes a header value: a line break would let it inject further headers.
    .regex(
      /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/,
      'Paste the credential exactly as the provider shows it, on one line.',
    )
    .meta({ writeOnly: true }),
});

export const toolStates = ['live', 'archived'] as const;

export const listToolsInput = z
  .object({
    /** Part of a name or slug, ignoring case. */
    query: z.string().trim().max(MAX_SEARCH_LENGTH).optional(),
    state: z.enum(toolStates).optional(),
  })
  .optional();
export type ListToolsInput = z.output<typeof listToolsInput>;

/** A tool as members see it: what it is, and how to configure a client for it. */
export interface ToolForMember {
  slug: string;
  displayName: string;
  requiresApproval: boolean;
  /** The preset it was created from; null for a custom tool. */
  preset: string | null;
  dialect: Dialect;
  /** The end of a client's base URL, after `/gateway/<slug>`, such as `/v1`. */
  clientPath: string;
  /** The path of the model list, after `/gateway/<slug>`. */
  modelsPath: string;
  /** Only for the `generic` dialect: one more header in which clients may send their key. */
  credentialHeader: string | null;
  /** False while a required provider credential is missing: calls fail with 503. */
  connected: boolean;
}

interface EnvironmentForRequest {
  environment: Environment;
  needsApproval: boolean;
  /** The user's own live key, which rules out another request; `since` is when it was requested. */
  live: { keyId: string; status: KeyStatus; since: number } | null;
}

export interface ToolForRequest {
  tool: ToolForMember;
  environments: EnvironmentForRequest[];
}

/** A tool as admins see it. The credential itself is never included. */
export interface ToolView extends ToolForMember {
  id: string;
  /** Null for the built-in tool. */
  upstreamUrl: string | null;
  needsCredential: boolean;
  allowsPlainHttp: boolean;
  headersTimeoutMs: number;
  maxConcurrentPerKey: number | null;
  maxConcurrent: number | null;
  createdAt: number;
  archivedAt: number | null;
  credential: { setAt: number; setBy: string } | null;
  /** True once a key was requested: clients are configured with the slug. */
  slugFixed: boolean;
  /** Keys that are PENDING or ACTIVE. */
  liveKeys: number;
}

/** The result of calling the upstream's model list. Contains neither its body nor the credential. */
export interface ConnectionTest {
  ok: boolean;
  /** The upstream's HTTP status; null without a response. */
  status: number | null;
  ms: number;
  /** For people: what it means and what to do. */
  message: string;
}

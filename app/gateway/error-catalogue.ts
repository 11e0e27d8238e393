import { formatUtc } from '~/core/format-time';
import type { ErrorResponse } from './dialects/dialect';

/** What a refusal's words may name; never anything that was presented. */
export interface MessageContext {
  /** This server's public address, to say where to go. */
  origin: string;
  /** Display name of the tool that was asked for. */
  tool: string;
  /** Display name of the tool that the key is for. */
  keysTool: string;
  revokedAt: number | null;
  /** Is it the key of a service account? Its bearer is a program, and gets another key from an admin. */
  ofService: boolean;
}

type Words = (facts: MessageContext) => string;

const row = (status: ErrorResponse['status'], words: Words) => ({ status, words });
const askFor = ({ origin, ofService }: MessageContext) =>
  ofService
    ? `An admin issues another at ${origin}/admin/ai/service-accounts.`
    : `Get one at ${origin}/me/ai-keys.`;

/** Why the gateway does not carry a call: status and words. 401 and 403 are about the key, and final. */
export const gatewayErrors = {
  'key-missing': row(
    401,
    (facts) => `No key was presented. Send one as "Authorization: Bearer". ${askFor(facts)}`,
  ),
  'key-malformed': row(
    401,
    (facts) =>
      `What was presented is not a key of this server: it may be cut short, mistyped, or a provider's own. ${askFor(facts)}`,
  ),
  'keys-conflict': row(401, () => 'Two different keys were presented in one request. Send one of them.'),
  'key-unknown': row(401, (facts) => `This key was not issued by this server. ${askFor(facts)}`),
  'key-revoked': row(
    401,
    ({ revokedAt, ...facts }) =>
      `This key was revoked${revokedAt === null ? '' : ` on ${formatUtc(revokedAt)}`} and no longer works. ${askFor({ ...facts, revokedAt })}`,
  ),
  'holder-disabled': row(401, () => 'The account that this key belongs to has been disabled. Ask an admin.'),
  'other-tool': row(
    403,
    (facts) =>
      `This key is for ${facts.keysTool}, not for this address. Each tool has its own key. ${askFor(facts)}`,
  ),
  'tool-archived': row(
    403,
    ({ tool }) => `${tool} has been archived, so its keys do not work. Ask an admin.`,
  ),
  'credential-missing': row(
    503,
    ({ tool, origin }) =>
      `${tool} has no provider credential yet. An admin sets it at ${origin}/admin/ai/tools.`,
  ),
  'credential-undecryptable': row(
    503,
    ({ tool, origin }) =>
      `The provider credential of ${tool} cannot be opened. An admin sets it anew at ${origin}/admin/ai/tools.`,
  ),
  'upstream-not-allowed': row(
    503,
    ({ tool, origin }) =>
      `The upstream of ${tool} may not be called. An admin mends it at ${origin}/admin/ai/tools.`,
  ),
  'path-not-plain': row(
    400,
    () =>
      'The path must be plain: no dot segments (encoded or not), empty segments, backslashes or fragments.',
  ),
  'no-such-address': row(404, () => 'There is nothing here. Calls go to /gateway/<tool>/<path>.'),
  'key-busy': row(429, () => 'Too many calls are under way with this key. Try again when one has ended.'),
  'tool-busy': row(429, ({ tool }) => `Too many calls to ${tool} are under way. Try again in a moment.`),
  'server-busy': row(429, () => 'Too many calls are under way. Try again in a moment.'),
  'upstream-unreachable': row(502, ({ tool }) => `${tool} cannot be reached, or broke the connection off.`),
  'upstream-silent': row(504, ({ tool }) => `${tool} did not answer in time.`),
  unreadable: row(503, () => 'The keys cannot be looked up just now. Try again in a moment.'),
  failed: row(500, () => 'Something went wrong on this server. Try again.'),
  stopping: row(503, () => 'This server is stopping. Try again in a moment.'),
  'no-such-call': row(
    404,
    () => 'The built-in tool answers /v1/models, /v1/chat/completions and /v1/responses.',
  ),
  'body-too-large': row(413, () => 'The request is larger than this tool takes.'),
  'body-not-json': row(400, () => 'The request body is not the JSON that this call takes.'),
} satisfies Record<string, { status: ErrorResponse['status']; words: Words }>;

export type GatewayErrorCode = keyof typeof gatewayErrors;

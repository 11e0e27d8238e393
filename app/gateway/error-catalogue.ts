import { formatUtc } from '~/core/format-time';
import type { ErrorResponse } from './dialects/dialect';

/** What messages may name. Never anything the caller presented. */
export interface MessageContext {
  /** This server's public address. */
  origin: string;
  /** Display name of the requested tool. */
  tool: string;
  /** Display name of the key's tool. */
  keyTool: string;
  revokedAt: number | null;
  /** Whether the key belongs to a service account, whose next key comes from an admin. */
  isServiceAccount: boolean;
}

type Message = (context: MessageContext) => string;

const entry = (status: ErrorResponse['status'], message: Message) => ({ status, message });

const howToGetKey = ({ origin, isServiceAccount }: MessageContext) =>
  isServiceAccount
    ? `An admin can issue a new key at ${origin}/admin/ai/service-accounts.`
    : `Get a key at ${origin}/me/ai-keys.`;

/** The gateway's errors. 401 and 403 mean that the key was rejected; retrying doesn't help. */
export const gatewayErrors = {
  'key-missing': entry(
    401,
    (context) => `No key in this request. Send one as "Authorization: Bearer". ${howToGetKey(context)}`,
  ),
  'key-malformed': entry(
    401,
    (context) =>
      `This isn't a My AI Keys key, or part of it is missing. Provider keys don't work here. ${howToGetKey(context)}`,
  ),
  'multiple-keys': entry(401, () => 'This request contains two different keys. Send only one.'),
  'key-unknown': entry(401, (context) => `This key was not issued by this server. ${howToGetKey(context)}`),
  'key-revoked': entry(401, (context) => {
    const when = context.revokedAt === null ? '' : ` on ${formatUtc(context.revokedAt)}`;
    return `This key was revoked${when} and no longer works. ${howToGetKey(context)}`;
  }),
  'holder-disabled': entry(401, () => 'The account that this key belongs to is disabled. Ask an admin.'),
  'wrong-tool': entry(
    403,
    (context) =>
      `This key is for ${context.keyTool}, not for the tool in this URL. Each tool has its own key. ${howToGetKey(context)}`,
  ),
  'tool-archived': entry(403, ({ tool }) => `${tool} is archived, so its keys don't work. Ask an admin.`),
  'credential-missing': entry(
    503,
    ({ tool, origin }) =>
      `${tool} has no provider credential. An admin can set it at ${origin}/admin/ai/tools.`,
  ),
  'credential-undecryptable': entry(
    503,
    ({ tool, origin }) =>
      `The provider credential of ${tool} can't be decrypted. An admin can set it again at ${origin}/admin/ai/tools.`,
  ),
  'upstream-not-allowed': entry(
    503,
    ({ tool, origin }) =>
      `The upstream URL of ${tool} isn't allowed. An admin can change it at ${origin}/admin/ai/tools.`,
  ),
  'invalid-path': entry(
    400,
    () =>
      'The path must not contain dot segments (encoded or not), empty segments, backslashes, control characters or fragments.',
  ),
  'not-found': entry(404, () => 'Nothing found at this URL. Send calls to /gateway/<tool>/<path>.'),
  'key-concurrency-limit': entry(
    429,
    () => 'Too many calls in progress with this key. Try again when one has finished.',
  ),
  'tool-concurrency-limit': entry(
    429,
    ({ tool }) => `Too many calls to ${tool} in progress. Try again in a moment.`,
  ),
  'server-concurrency-limit': entry(429, () => 'Too many calls in progress. Try again in a moment.'),
  'upstream-unreachable': entry(502, ({ tool }) => `${tool} can't be reached or closed the connection.`),
  'upstream-timeout': entry(504, ({ tool }) => `${tool} did not respond in time.`),
  'key-lookup-failed': entry(503, () => "Keys can't be checked right now. Try again in a moment."),
  'internal-error': entry(500, () => 'Something went wrong on this server. Try again.'),
  'shutting-down': entry(503, () => 'This server is shutting down. Try again in a moment.'),
  'unsupported-endpoint': entry(
    404,
    () => 'The built-in tool supports /v1/models, /v1/chat/completions and /v1/responses.',
  ),
  'body-too-large': entry(413, () => 'The request body is too large for this tool.'),
  'invalid-body': entry(400, () => 'The request body is not valid JSON for this endpoint.'),
} satisfies Record<string, { status: ErrorResponse['status']; message: Message }>;

export type GatewayErrorReason = keyof typeof gatewayErrors;

import { formatUtc } from './format-time';

/** Values that a message may mention. Never a secret. */
export type ErrorDetails = Record<string, string | number | null | undefined>;

type Code =
  | 'BAD_REQUEST'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'TOO_MANY_REQUESTS';

interface CatalogueEntry {
  code: Code;
  message: (details: ErrorDetails) => string;
}

const entry = (code: Code, message: string | CatalogueEntry['message']): CatalogueEntry => ({
  code,
  message: typeof message === 'string' ? () => message : message,
});

const lower = (status: ErrorDetails[string]): string => String(status).toLowerCase();

/** Every expected error: its reason and tRPC code for programs, its message for people. */
export const errorCatalogue = {
  'invalid-input': entry('BAD_REQUEST', 'Check the highlighted fields.'),
  'not-confirmed': entry('BAD_REQUEST', 'Not confirmed yet. Nothing was changed.'),
  'signed-out': entry('UNAUTHORIZED', 'Your session has ended. Nothing was changed. Sign in to continue.'),
  'not-admin': entry('FORBIDDEN', 'Only admins can do this.'),
  'cross-site-request': entry('FORBIDDEN', 'This request came from another site. Nothing was changed.'),
  'batch-too-large': entry('BAD_REQUEST', ({ most }) => `Send at most ${most} calls per request.`),
  'not-json': entry('UNSUPPORTED_MEDIA_TYPE', 'Send JSON with Content-Type: application/json.'),

  'tool-not-found': entry('NOT_FOUND', 'There is no tool with this name. Choose one from the list.'),
  'tool-archived': entry(
    'CONFLICT',
    ({ tool }) => `${tool} is archived. Ask an admin to restore it, or choose another tool.`,
  ),
  'slug-taken': entry('CONFLICT', ({ slug }) => `The slug “${slug}” is already in use. Choose another one.`),
  'slug-in-use': entry(
    'CONFLICT',
    'The slug can’t be changed: keys have been requested for this tool, and clients use its URL.',
  ),
  'upstream-not-allowed': entry('BAD_REQUEST', ({ why }) => `This upstream URL can’t be used: ${why}`),
  'credential-header-required': entry(
    'BAD_REQUEST',
    'Enter the header that this upstream expects the credential in.',
  ),
  'invalid-credential': entry('BAD_REQUEST', ({ why }) => `This isn’t a valid provider credential: ${why}`),
  'builtin-tool': entry('CONFLICT', 'This tool is built into the server. It has no upstream or credential.'),
  'credential-missing': entry('CONFLICT', 'This tool has no provider credential. Add one first.'),
  'credential-undecryptable': entry(
    'CONFLICT',
    'The provider credential can’t be decrypted with the current master key. Restore the master key it was saved with, or enter the credential again.',
  ),

  'rotation-unfinished': entry(
    'CONFLICT',
    ({ file, setting }) =>
      `The last rotation isn’t finished. Copy the content of ${file} into ${setting}, restart the server, and rotate again.`,
  ),

  'key-not-found': entry('NOT_FOUND', 'There is no such key, or you don’t have access to it.'),
  'live-key-exists': entry('CONFLICT', ({ tool, environment, status }) =>
    status === 'PENDING'
      ? `You already have a pending request for a ${environment} key for ${tool}. Withdraw it to make a new one.`
      : `You already have an active ${environment} key for ${tool}. Revoke it to get a new one.`,
  ),
  'not-pending': entry(
    'CONFLICT',
    ({ status }) => `This key is ${lower(status)}. Only pending requests can be withdrawn.`,
  ),
  'already-decided': entry('CONFLICT', ({ by, decision, at }) => {
    const byWhom = by ? ` by ${by}` : '';
    const when = typeof at === 'number' ? ` on ${formatUtc(at)}` : '';
    return `This request was already ${decision}${byWhom}${when}. Nothing was changed.`;
  }),
  'own-request': entry('FORBIDDEN', 'You can’t decide your own request. Ask another admin.'),
  'not-holder': entry('FORBIDDEN', 'Only the person this key belongs to can reveal it.'),
  'already-revealed': entry(
    'CONFLICT',
    'This key was already revealed. It is shown only once: if it is lost, revoke it and request a new one.',
  ),
  'not-active': entry(
    'CONFLICT',
    ({ status }) => `This key is ${lower(status)}. Only active keys can be revealed or revoked.`,
  ),
  'invalid-raw-key': entry('BAD_REQUEST', 'This isn’t a My AI Keys key, or part of it is missing.'),
  'raw-key-not-found': entry(
    'NOT_FOUND',
    'This server never issued this key, although the format is right. Another server may have.',
  ),
  'reason-required': entry('BAD_REQUEST', 'Enter a reason. The key’s holder can see it.'),

  'sign-in-failed': entry('UNAUTHORIZED', 'Wrong email or password.'),
  'too-many-attempts': entry(
    'TOO_MANY_REQUESTS',
    ({ minutes }) => `Too many failed attempts. Try again in ${minutes} minute${minutes === 1 ? '' : 's'}.`,
  ),
  'wrong-password': entry('FORBIDDEN', 'The current password is wrong. Nothing was changed.'),
  'weak-password': entry('BAD_REQUEST', ({ why }) =>
    why
      ? `This password is too easy to guess: ${why}. Choose a longer or less common one.`
      : 'This password is too easy to guess. Choose a longer or less common one.',
  ),
  'already-set-up': entry('CONFLICT', 'This server is already set up. Sign in instead.'),
  'invalid-setup-link': entry(
    'FORBIDDEN',
    'This setup link isn’t valid. Each start of the server makes a new one: use the latest.',
  ),
  'invalid-invitation': entry(
    'NOT_FOUND',
    'This invitation isn’t valid: it was used, withdrawn or has expired. Ask an admin for a new link.',
  ),
  'invalid-reset-link': entry(
    'NOT_FOUND',
    'This link isn’t valid: it was used, replaced or has expired. Ask an admin for a new one.',
  ),
  'invitation-not-found': entry('NOT_FOUND', 'There is no such open invitation.'),
  'email-taken': entry('CONFLICT', ({ email }) => `${email} already has an account.`),
  'already-invited': entry(
    'CONFLICT',
    ({ email }) => `${email} already has an open invitation. Withdraw it to create a new link.`,
  ),

  'audit-entry-not-found': entry('NOT_FOUND', 'There is no audit entry with this number.'),

  'user-not-found': entry('NOT_FOUND', 'There is no such user.'),
  'last-admin': entry('CONFLICT', 'This is the only enabled admin. Make someone else an admin first.'),
  'own-account': entry('CONFLICT', 'You can’t do this to your own account. Ask another admin.'),
  'account-disabled': entry('CONFLICT', 'This account is disabled. Enable it first.'),
  'service-account-not-found': entry('NOT_FOUND', 'There is no such service account.'),
  'service-account-name-taken': entry(
    'CONFLICT',
    ({ name }) => `There is already a service account named “${name}”. Choose another name.`,
  ),
  unchanged: entry('CONFLICT', ({ state }) => `Nothing was changed: it is already ${state}.`),
} satisfies Record<string, CatalogueEntry>;

export type ErrorReason = keyof typeof errorCatalogue;

/** The message for people. */
export function errorMessage({ reason, details }: { reason: ErrorReason; details: ErrorDetails }): string {
  return errorCatalogue[reason].message(details);
}

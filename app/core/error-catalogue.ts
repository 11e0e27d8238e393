import { formatUtc } from './format-time';

/** Facts that a refusal's words may name. Never a secret. */
export type ErrorDetails = Record<string, string | number | null | undefined>;

type Code =
  | 'BAD_REQUEST'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'TOO_MANY_REQUESTS'
  | 'SERVICE_UNAVAILABLE';

interface CatalogueEntry {
  code: Code;
  message: (details: ErrorDetails) => string;
}

const entry = (code: Code, words: string | CatalogueEntry['message']): CatalogueEntry => ({
  code,
  message: typeof words === 'string' ? () => words : words,
});

/** Every expected refusal: what the machine reads (reason and code) and what the person reads. */
export const errorCatalogue = {
  'invalid-input': entry('BAD_REQUEST', 'Some fields need another look.'),
  'signed-out': entry('UNAUTHORIZED', 'Your session has ended. Sign in to go on; nothing was changed.'),
  'not-admin': entry('FORBIDDEN', 'Only an admin can do this.'),
  'cross-site-request': entry('FORBIDDEN', 'This request came from another site, so it was not carried out.'),
  'batch-too-large': entry('BAD_REQUEST', ({ most }) => `Send at most ${most} calls in one request.`),
  'not-json': entry('BAD_REQUEST', 'Send JSON: Content-Type must be application/json.'),

  'tool-not-found': entry('NOT_FOUND', 'There is no such tool in the catalogue. Pick one from the list.'),
  'tool-archived': entry(
    'CONFLICT',
    ({ tool }) => `${tool} has been archived. Ask an admin to restore it, or pick another tool.`,
  ),
  'slug-taken': entry(
    'CONFLICT',
    ({ slug }) => `Another tool already has the slug “${slug}”. Choose a different one.`,
  ),
  'slug-in-use': entry(
    'CONFLICT',
    'The slug can no longer change, since keys have been requested for this tool and clients are set up with it.',
  ),
  'upstream-not-allowed': entry('BAD_REQUEST', ({ why }) => `This upstream URL can't be used: ${why}`),
  'credential-header-required': entry(
    'BAD_REQUEST',
    'Name the header that carries the credential to this upstream.',
  ),
  'invalid-credential': entry('BAD_REQUEST', ({ why }) => `This can't be the provider's credential: ${why}`),
  'builtin-tool': entry(
    'CONFLICT',
    'This tool is answered by the server itself; it has no upstream and no credential.',
  ),
  'credential-missing': entry('CONFLICT', 'No provider credential is set for this tool. Set one first.'),
  'credential-undecryptable': entry(
    'CONFLICT',
    'The provider credential of this tool cannot be opened with the master key that the server has. Bring back the master key under which it was set, or set the credential again.',
  ),

  'rotation-unfinished': entry(
    'CONFLICT',
    ({ file, setting }) =>
      `The last rotation is not finished: put the content of ${file} into ${setting}, restart the server, and rotate again.`,
  ),

  'key-not-found': entry('NOT_FOUND', 'There is no such key among the ones you may see.'),
  'live-key-exists': entry('CONFLICT', ({ tool, environment, status }) =>
    status === 'PENDING'
      ? `You are already waiting for a ${environment} key for ${tool}. Withdraw that request first if you want to ask again.`
      : `You already hold an active ${environment} key for ${tool}. Revoke it first if you need a new one.`,
  ),
  'not-pending': entry(
    'CONFLICT',
    ({ status }) => `Only a pending request can be withdrawn; this key is ${status}.`,
  ),
  'already-decided': entry(
    'CONFLICT',
    ({ by, decision, at }) =>
      `This request was already ${decision}${by ? ` by ${by}` : ''}${typeof at === 'number' ? ` on ${formatUtc(at)}` : ''}. Nothing was changed.`,
  ),
  'own-request': entry('FORBIDDEN', 'You cannot decide on your own request. Ask another admin.'),
  'not-holder': entry('FORBIDDEN', 'Only the person a key belongs to can reveal it.'),
  'already-revealed': entry(
    'CONFLICT',
    'This key has been revealed already, and it is shown only once. If it is lost, revoke it and request a new one.',
  ),
  'not-active': entry(
    'CONFLICT',
    ({ status }) => `This key is ${status}, so there is nothing to reveal or revoke.`,
  ),
  'invalid-raw-key': entry(
    'BAD_REQUEST',
    'There is no key of ours in this: the shape is another, or a character was lost or changed in copying.',
  ),
  'raw-key-not-found': entry(
    'NOT_FOUND',
    'No key with this value was ever issued here, though it has the shape of one. It may be another server’s.',
  ),
  'reason-required': entry('BAD_REQUEST', 'Say why: the holder will read the reason.'),

  'sign-in-failed': entry('UNAUTHORIZED', 'E-mail or password is wrong. Check both and try again.'),
  'too-many-attempts': entry(
    'TOO_MANY_REQUESTS',
    ({ minutes }) =>
      `Too many failed tries. Wait ${minutes} minute${minutes === 1 ? '' : 's'} and try again.`,
  ),
  'wrong-password': entry('FORBIDDEN', 'The current password is wrong. Nothing was changed.'),
  'weak-password': entry(
    'BAD_REQUEST',
    ({ why }) =>
      `This password is too easy to guess${why ? `: ${why}` : ''}. Choose a longer or less common one.`,
  ),
  'already-set-up': entry('CONFLICT', 'This server has been set up already. Sign in instead.'),
  'invalid-setup-link': entry(
    'FORBIDDEN',
    'This set-up link is not valid; it may have been replaced. Use the one the server printed when it last started.',
  ),
  'invalid-invitation': entry(
    'NOT_FOUND',
    'This invitation is not valid: it was used, withdrawn or has expired. Ask an admin for a new link.',
  ),
  'invalid-reset-link': entry(
    'NOT_FOUND',
    'This link is not valid: it was used, replaced or has expired. Ask an admin for a new one.',
  ),
  'invitation-not-found': entry('NOT_FOUND', 'There is no such open invitation.'),
  'email-taken': entry('CONFLICT', ({ email }) => `${email} is a user here already.`),
  'already-invited': entry(
    'CONFLICT',
    ({ email }) => `${email} has an open invitation. Withdraw it first to make a new link.`,
  ),

  'audit-entry-not-found': entry('NOT_FOUND', 'The audit trail has no entry with this number.'),

  'user-not-found': entry('NOT_FOUND', 'There is no such user.'),
  'last-admin': entry('CONFLICT', 'This is the only enabled admin. Make somebody else an admin first.'),
  'own-account': entry('CONFLICT', 'You cannot do this to your own account. Ask another admin.'),
  'account-disabled': entry('CONFLICT', 'This account is disabled. Enable it first.'),
  'service-account-not-found': entry('NOT_FOUND', 'There is no such service account.'),
  'service-account-name-taken': entry(
    'CONFLICT',
    ({ name }) => `Another service account is called “${name}” already. Choose a different name.`,
  ),
  unchanged: entry('CONFLICT', ({ state }) => `Nothing to change: it is ${state} already.`),
} satisfies Record<string, CatalogueEntry>;

export type ErrorReason = keyof typeof errorCatalogue;

/** The sentence a person reads. */
export function errorMessage({ reason, details }: { reason: ErrorReason; details: ErrorDetails }): string {
  return errorCatalogue[reason].message(details);
}

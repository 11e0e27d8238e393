import type { ErrorReason } from '~/core/error-catalogue';
import { type Actor, actors, type Company } from '../helpers/company';

/** Who may call a procedure or open a page. */
export type Role = 'public' | 'member' | 'admin';

/** A call of a procedure that succeeds for its actor. */
export interface Call {
  type: 'query' | 'mutation' | 'subscription';
  role: Role;
  input?(company: Company): unknown;
  /** Who makes the call: by default `nobody` (signed out), Mara or Ada, by role. */
  actor: Actor;
  /** Errors of other actors that don't come from their role, for the same input. */
  errors?: Partial<Record<Actor, ErrorReason>>;
  /** Returns a stream, which callers inside the server can read, but which fails over HTTP. */
  streams?: true;
}

type Input = NonNullable<Call['input']>;
type Options = Partial<Pick<Call, 'actor' | 'errors' | 'streams'>>;

const DEFAULT_ACTOR = { public: 'nobody', member: 'mara', admin: 'ada' } as const;

const row =
  (type: Call['type']) =>
  (role: Role, input?: Input, options: Options = {}): Call => ({
    type,
    role,
    input,
    actor: DEFAULT_ACTOR[role],
    ...options,
  });
const query = row('query');
const mutation = row('mutation');
const subscription = row('subscription');

const NEW_PASSWORD = 'nine herons above tin';
const PURPOSE = 'nightly reports';
const NOT_MARAS = { otto: 'key-not-found', ada: 'key-not-found', bea: 'key-not-found' } as const;
const tool = (slug: string) => () => ({ tool: slug });
const errorForAll = (reason: ErrorReason) =>
  Object.fromEntries(actors.map((actor) => [actor, reason])) as Record<Actor, ErrorReason>;

/** Every procedure. One without a row here fails the tests, so its role can't be forgotten. */
export const calls: Record<string, Call> = {
  'auth.session': query('public'),
  'auth.signIn': mutation('public', ({ password }) => ({ email: 'mara@example.com', password })),
  'auth.signOut': mutation('public', undefined, { actor: 'mara' }),
  'auth.changePassword': mutation('member', ({ password }) => ({
    currentPassword: password,
    newPassword: NEW_PASSWORD,
  })),
  'auth.sessions': query('member'),
  'auth.endOtherSessions': mutation('member'),
  'auth.setupState': query('public'),
  'auth.setUp': mutation(
    'public',
    () => ({ token: 'used', name: 'Eve', email: 'eve@example.com', password: NEW_PASSWORD }),
    { errors: errorForAll('already-set-up') },
  ),
  'auth.invitation': query('public', ({ invitationToken }) => ({ token: invitationToken })),
  'auth.acceptInvitation': mutation('public', ({ invitationToken }) => ({
    token: invitationToken,
    name: 'Nina',
    password: NEW_PASSWORD,
  })),
  'auth.resetLink': query('public', ({ resetToken }) => ({ token: resetToken })),
  'auth.resetPassword': mutation('public', ({ resetToken }) => ({
    token: resetToken,
    password: NEW_PASSWORD,
  })),

  'audit.list': query('admin'),
  'audit.get': query('admin', () => ({ seq: 1 })),
  'audit.head': query('admin'),
  'audit.verify': mutation('admin'),
  'audit.export': mutation('admin', () => ({}), { streams: true }),

  'keys.mine': query('member'),
  'keys.get': query('member', ({ activeKey }) => ({ keyId: activeKey }), { errors: NOT_MARAS }),
  'keys.request': mutation('member', () => ({ tool: 'gemini', environment: 'staging', purpose: PURPOSE })),
  'keys.reveal': mutation('member', ({ unrevealedKey }) => ({ keyId: unrevealedKey }), {
    errors: { otto: 'key-not-found', ada: 'not-holder', bea: 'not-holder' },
  }),
  'keys.revoke': mutation('member', ({ activeKey }) => ({ keyId: activeKey }), {
    errors: { otto: 'key-not-found', ada: 'reason-required', bea: 'reason-required' },
  }),
  'keys.withdraw': mutation('member', ({ pendingKey }) => ({ keyId: pendingKey }), { errors: NOT_MARAS }),
  'keys.register': query('admin'),
  'keys.chosen': query('admin', ({ activeKey }) => ({ keyIds: [activeKey] })),
  'keys.findByRawKey': mutation('admin', ({ activeRawKey }) => ({ rawKey: activeRawKey })),

  'live.changes': subscription('member'),

  'requests.pending': query('admin'),
  'requests.countPending': query('admin'),
  'requests.approve': mutation('admin', ({ pendingKey }) => ({ keyId: pendingKey })),
  'requests.reject': mutation('admin', ({ pendingKey }) => ({
    keyId: pendingKey,
    reason: 'use staging first',
  })),

  'serviceAccounts.list': query('admin'),
  'serviceAccounts.get': query('admin', ({ serviceAccountId }) => ({ serviceAccountId })),
  'serviceAccounts.create': mutation('admin', () => ({ name: 'ci/deploy', purpose: 'deployments' })),
  'serviceAccounts.update': mutation('admin', ({ serviceAccountId }) => ({
    serviceAccountId,
    name: 'ci/renamed',
    purpose: 'another one',
  })),
  'serviceAccounts.issueKey': mutation('admin', ({ serviceAccountId }) => ({
    serviceAccountId,
    tool: 'echo',
    environment: 'production',
    purpose: PURPOSE,
  })),
  'serviceAccounts.disable': mutation('admin', ({ serviceAccountId }) => ({ serviceAccountId })),
  'serviceAccounts.enable': mutation('admin', ({ disabledAccountId }) => ({
    serviceAccountId: disabledAccountId,
  })),

  'tools.available': query('member'),
  'tools.forRequest': query('member', tool('echo')),
  'tools.forSettings': query('member', tool('echo')),
  'tools.list': query('admin'),
  'tools.get': query('admin', tool('acme')),
  'tools.presets': query('admin'),
  'tools.create': mutation('admin', () => ({ preset: 'groq' })),
  // A new upstream also removes the credential: two changes in one call.
  'tools.update': mutation('admin', () => ({
    tool: 'acme',
    displayName: 'Acme Two',
    upstreamUrl: 'http://127.0.0.1:10',
  })),
  'tools.setRequiresApproval': mutation('admin', () => ({ tool: 'echo', requiresApproval: true })),
  'tools.setCredential': mutation('admin', () => ({ tool: 'acme', credential: 'sk-acme-another-secret' })),
  'tools.removeCredential': mutation('admin', tool('acme')),
  'tools.testConnection': mutation('admin', tool('acme')),
  'tools.archive': mutation('admin', tool('acme')),
  'tools.restore': mutation('admin', tool('retired')),

  'users.list': query('admin'),
  'users.get': query('admin', ({ ids }) => ({ userId: ids.mara })),
  'users.invite': mutation('admin', () => ({ email: 'nils@example.com', role: 'member' })),
  'users.invitations': query('admin'),
  'users.revokeInvitation': mutation('admin', ({ invitationId }) => ({ invitationId })),
  'users.setRole': mutation('admin', ({ ids }) => ({ userId: ids.bea, role: 'member' }), {
    errors: { bea: 'own-account' },
  }),
  'users.disable': mutation('admin', ({ ids }) => ({ userId: ids.mara })),
  'users.enable': mutation('admin', ({ ids }) => ({ userId: ids.dan })),
  'users.makeResetLink': mutation('admin', ({ ids }) => ({ userId: ids.otto })),
  'users.endSessions': mutation('admin', ({ ids }) => ({ userId: ids.mara })),
};

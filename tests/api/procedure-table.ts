import type { ErrorReason } from '~/core/error-catalogue';
import type { Actor, Company } from '../helpers/company';

/** Who may call a procedure at all. */
export type Audience = 'everybody' | 'members' | 'admins';

/** One procedure of the API: who may call it, and a call that succeeds for the right person. */
export interface Call {
  type: 'query' | 'mutation' | 'subscription';
  may: Audience;
  input?(company: Company): unknown;
  /** Refusals that are not about the role: what becomes of the same call by somebody else than its own actor. */
  refused?: Partial<Record<Actor, ErrorReason>>;
  /** The one for whom it succeeds; else the first of its audience: nobody, Mara, Ada. */
  by?: Actor;
  /** It answers with a stream, which goes to callers inside the server; over HTTP as one answer it cannot. */
  streams?: true;
}

const NOT_MARAS = { otto: 'key-not-found', ada: 'key-not-found', bea: 'key-not-found' } as const;
const tool = (slug: string) => ({ input: () => ({ tool: slug }) });

/** Every procedure. A procedure without its row here fails the tests, and so it does not go in unguarded. */
export const calls: Record<string, Call> = {
  'auth.session': { type: 'query', may: 'everybody' },
  'auth.signIn': {
    type: 'mutation',
    may: 'everybody',
    input: ({ password }) => ({ email: 'mara@example.com', password }),
  },
  'auth.signOut': { type: 'mutation', may: 'everybody', by: 'mara' },
  'auth.changePassword': {
    type: 'mutation',
    may: 'members',
    input: ({ password }) => ({ currentPassword: password, newPassword: 'nine herons above tin' }),
  },
  'auth.sessions': { type: 'query', may: 'members' },
  'auth.endOtherSessions': { type: 'mutation', may: 'members' },
  'auth.setupState': { type: 'query', may: 'everybody' },
  'auth.setUp': {
    type: 'mutation',
    may: 'everybody',
    input: () => ({
      token: 'worn-out',
      name: 'Eve',
      email: 'eve@example.com',
      password: 'nine herons above tin',
    }),
    refused: refusedToAll('already-set-up'),
  },
  'auth.invitation': {
    type: 'query',
    may: 'everybody',
    input: ({ invitationToken }) => ({ token: invitationToken }),
  },
  'auth.acceptInvitation': {
    type: 'mutation',
    may: 'everybody',
    input: ({ invitationToken }) => ({
      token: invitationToken,
      name: 'Nina',
      password: 'nine herons above tin',
    }),
  },
  'auth.resetLink': {
    type: 'query',
    may: 'everybody',
    input: ({ resetToken }) => ({ token: resetToken }),
  },
  'auth.resetPassword': {
    type: 'mutation',
    may: 'everybody',
    input: ({ resetToken }) => ({ token: resetToken, password: 'nine herons above tin' }),
  },

  'audit.list': { type: 'query', may: 'admins' },
  'audit.get': { type: 'query', may: 'admins', input: () => ({ seq: 1 }) },
  'audit.head': { type: 'query', may: 'admins' },
  'audit.verify': { type: 'mutation', may: 'admins' },
  'audit.export': {
    type: 'mutation',
    may: 'admins',
    input: () => ({}),
    streams: true,
  },

  'keys.mine': { type: 'query', may: 'members' },
  'keys.get': {
    type: 'query',
    may: 'members',
    input: ({ activeKey }) => ({ keyId: activeKey }),
    refused: NOT_MARAS,
  },
  'keys.request': {
    type: 'mutation',
    may: 'members',
    input: () => ({ tool: 'gemini', environment: 'staging', purpose: 'nightly reports' }),
  },
  'keys.reveal': {
    type: 'mutation',
    may: 'members',
    input: ({ unrevealedKey }) => ({ keyId: unrevealedKey }),
    refused: { otto: 'key-not-found', ada: 'not-holder', bea: 'not-holder' },
  },
  'keys.revoke': {
    type: 'mutation',
    may: 'members',
    input: ({ activeKey }) => ({ keyId: activeKey }),
    refused: { otto: 'key-not-found', ada: 'reason-required', bea: 'reason-required' },
  },
  'keys.withdraw': {
    type: 'mutation',
    may: 'members',
    input: ({ pendingKey }) => ({ keyId: pendingKey }),
    refused: NOT_MARAS,
  },
  'keys.register': { type: 'query', may: 'admins' },
  'keys.chosen': { type: 'query', may: 'admins', input: ({ activeKey }) => ({ keyIds: [activeKey] }) },
  'keys.findByRawKey': {
    type: 'mutation',
    may: 'admins',
    input: ({ activeRawKey }) => ({ rawKey: activeRawKey }),
  },

  'live.changes': { type: 'subscription', may: 'members' },

  'requests.pending': { type: 'query', may: 'admins' },
  'requests.countPending': { type: 'query', may: 'admins' },
  'requests.approve': {
    type: 'mutation',
    may: 'admins',
    input: ({ pendingKey }) => ({ keyId: pendingKey }),
  },
  'requests.reject': {
    type: 'mutation',
    may: 'admins',
    input: ({ pendingKey }) => ({ keyId: pendingKey, reason: 'use staging first' }),
  },

  'serviceAccounts.list': { type: 'query', may: 'admins' },
  'serviceAccounts.get': {
    type: 'query',
    may: 'admins',
    input: ({ serviceAccountId }) => ({ serviceAccountId }),
  },
  'serviceAccounts.create': {
    type: 'mutation',
    may: 'admins',
    input: () => ({ name: 'ci/deploy', purpose: 'deployments, in the pipeline' }),
  },
  'serviceAccounts.update': {
    type: 'mutation',
    may: 'admins',
    input: ({ serviceAccountId }) => ({ serviceAccountId, name: 'ci/renamed', purpose: 'another one' }),
  },
  'serviceAccounts.issueKey': {
    type: 'mutation',
    may: 'admins',
    input: ({ serviceAccountId }) => ({
      serviceAccountId,
      tool: 'echo',
      environment: 'production',
      purpose: 'nightly reports',
    }),
  },
  'serviceAccounts.disable': {
    type: 'mutation',
    may: 'admins',
    input: ({ serviceAccountId }) => ({ serviceAccountId }),
  },
  'serviceAccounts.enable': {
    type: 'mutation',
    may: 'admins',
    input: ({ disabledAccountId }) => ({ serviceAccountId: disabledAccountId }),
  },

  'tools.available': { type: 'query', may: 'members' },
  'tools.forRequest': { type: 'query', may: 'members', ...tool('echo') },
  'tools.forSettings': { type: 'query', may: 'members', ...tool('echo') },
  'tools.list': { type: 'query', may: 'admins' },
  'tools.get': { type: 'query', may: 'admins', ...tool('acme') },
  'tools.presets': { type: 'query', may: 'admins' },
  'tools.create': {
    type: 'mutation',
    may: 'admins',
    input: () => ({ preset: 'groq' }),
  },
  'tools.update': {
    type: 'mutation',
    may: 'admins',
    // Another upstream drops the credential too: two changes in one.
    input: () => ({ tool: 'acme', displayName: 'Acme Two', upstreamUrl: 'http://127.0.0.1:10' }),
  },
  'tools.setRequiresApproval': {
    type: 'mutation',
    may: 'admins',
    input: () => ({ tool: 'echo', requiresApproval: true }),
  },
  'tools.setCredential': {
    type: 'mutation',
    may: 'admins',
    input: () => ({ tool: 'acme', credential: 'sk-acme-another-secret' }),
  },
  'tools.removeCredential': { type: 'mutation', may: 'admins', ...tool('acme') },
  'tools.testConnection': { type: 'mutation', may: 'admins', ...tool('acme') },
  'tools.archive': { type: 'mutation', may: 'admins', ...tool('acme') },
  'tools.restore': { type: 'mutation', may: 'admins', ...tool('retired') },

  'users.list': { type: 'query', may: 'admins' },
  'users.get': { type: 'query', may: 'admins', input: ({ ids }) => ({ userId: ids.mara }) },
  'users.invite': {
    type: 'mutation',
    may: 'admins',
    input: () => ({ email: 'nils@example.com', role: 'member' }),
  },
  'users.invitations': { type: 'query', may: 'admins' },
  'users.revokeInvitation': {
    type: 'mutation',
    may: 'admins',
    input: ({ invitationId }) => ({ invitationId }),
  },
  'users.setRole': {
    type: 'mutation',
    may: 'admins',
    input: ({ ids }) => ({ userId: ids.bea, role: 'member' }),
    refused: { bea: 'own-account' },
  },
  'users.disable': { type: 'mutation', may: 'admins', input: ({ ids }) => ({ userId: ids.mara }) },
  'users.enable': { type: 'mutation', may: 'admins', input: ({ ids }) => ({ userId: ids.dan }) },
  'users.makeResetLink': {
    type: 'mutation',
    may: 'admins',
    input: ({ ids }) => ({ userId: ids.otto }),
  },
  'users.endSessions': { type: 'mutation', may: 'admins', input: ({ ids }) => ({ userId: ids.mara }) },
};

function refusedToAll(reason: ErrorReason): Record<Actor, ErrorReason> {
  return { nobody: reason, mara: reason, otto: reason, ada: reason, bea: reason, dan: reason };
}

/** The one for whom this call succeeds. */
export function rightActor({ by, may }: Call): Actor {
  return by ?? ({ everybody: 'nobody', members: 'mara', admins: 'ada' } as const)[may];
}

import type BetterSqlite3 from 'better-sqlite3';
import { type KeyEvent, transitions } from '~/keys/key-state-machine';
import type { KeyStatus } from '~db/schema/enums';
import { mayHappen } from '../keys/transition-allowed';

interface Entry {
  seq: number;
  at: number;
  actorId: string | null;
  actorEmail: string | null;
  action: string;
  subject: string;
  keyId: string | null;
  toolId: string | null;
  details: Record<string, unknown>;
}

/** A key as the audit trail describes it. */
interface ReplayedKey {
  holderId: unknown;
  toolId: unknown;
  environment: unknown;
  purpose: unknown;
  status: KeyStatus;
  prefix: unknown;
  createdAt: number;
  revealedAt: number | null;
  revokedAt: number | null;
  revokedBy: unknown;
  decision: string | null;
  decidedAt: number | null;
  decidedBy: unknown;
  reason: unknown;
}

const EVENTS: Record<string, KeyEvent> = {
  'key.approved': 'approve',
  'key.rejected': 'reject',
  'key.withdrawn': 'withdraw',
  'key.revealed': 'reveal',
  'key.revoked': 'revoke',
};

/**
 * Differences between the tables and the audit trail, as sentences. Replays the trail through the state machine and compares
 * the result with the tables, which finds changes without an entry, entries without a change, and half a change.
 *
 * @param people also compare users, tools, service accounts, invitations and credentials. False where a test has written
 * some of them straight to the database.
 */
export function findTrailDifferences(
  sqlite: BetterSqlite3.Database,
  { people = true }: { people?: boolean } = {},
): string[] {
  const entries = readTrail(sqlite);
  return [...compareKeys(sqlite, entries), ...(people ? compareOtherTables(sqlite, entries) : [])];
}

function readTrail(sqlite: BetterSqlite3.Database): Entry[] {
  const rows = sqlite
    .prepare<[], Omit<Entry, 'details'> & { details: string }>(
      `select seq, at, actor_id as actorId, actor_email as actorEmail, action, subject, key_id as keyId,
       tool_id as toolId, details from audit_entries order by seq`,
    )
    .all();
  return rows.map((row) => ({ ...row, details: JSON.parse(row.details) }));
}

function compareKeys(sqlite: BetterSqlite3.Database, entries: Entry[]): string[] {
  const { replayed, problems } = replayKeys(entries);
  const rows = sqlite
    .prepare<[], ReplayedKey & { id: string; hash: string | null }>(
      `select k.id, k.hash, coalesce(k.holder_id, k.service_account_id) as holderId, k.tool_id as toolId, k.environment, r.purpose, k.status,
       k.prefix, k.created_at as createdAt, k.revealed_at as revealedAt, k.revoked_at as revokedAt,
       k.revoked_by as revokedBy, r.decision, r.decided_at as decidedAt, r.decided_by as decidedBy,
       coalesce(r.reason, k.revocation_reason) as reason
       from keys k left join requests r on r.id = k.request_id`,
    )
    .all();
  for (const { id, hash, ...row } of rows) {
    const expected = replayed.get(id);
    replayed.delete(id);
    if (expected === undefined) problems.push(`${id} is ${row.status}, and isn't in the trail`);
    else problems.push(...differences(id, expected, row));
    if ((hash === null) !== (row.revealedAt === null))
      problems.push(`${id} has a hash without having been revealed, or the reverse`);
  }
  for (const id of replayed.keys()) problems.push(`the trail has ${id}, which doesn't exist`);
  const orphans = sqlite
    .prepare('select id from requests where id not in (select request_id from keys)')
    .pluck()
    .all();
  for (const id of orphans) problems.push(`${id} is a request without a key`);
  return problems;
}

function replayKeys(entries: Entry[]): { replayed: Map<string, ReplayedKey>; problems: string[] } {
  const replayed = new Map<string, ReplayedKey>();
  const problems: string[] = [];
  for (const entry of entries) {
    const { keyId, action } = entry;
    if (keyId === null || action === 'gateway.refused') continue;
    if (action === 'key.issued' || action === 'key.requested') {
      if (replayed.has(keyId)) problems.push(`entry ${entry.seq} requests ${keyId} again`);
      replayed.set(keyId, requested(entry));
      continue;
    }
    const key = replayed.get(keyId);
    const event = EVENTS[action];
    if (key === undefined || event === undefined) {
      problems.push(`entry ${entry.seq} says ${action} of ${keyId}, which wasn't requested`);
      continue;
    }
    if (!mayHappen(event, { status: key.status, revealed: key.revealedAt !== null })) {
      problems.push(`entry ${entry.seq} says ${action} of ${keyId}, which was ${key.status}`);
    }
    applyEvent(key, event, entry);
  }
  return { replayed, problems };
}

function requested({ at, actorId, toolId, action, details }: Entry): ReplayedKey {
  const issued = action === 'key.issued';
  return {
    // The requester holds the key, unless an admin issues it to a service account.
    holderId: details.holder ?? actorId,
    toolId,
    environment: details.environment,
    purpose: details.purpose,
    status: issued ? 'ACTIVE' : 'PENDING',
    prefix: details.prefix ?? null,
    createdAt: at,
    revealedAt: issued ? at : null,
    revokedAt: null,
    revokedBy: null,
    decision: issued ? 'auto-issued' : null,
    decidedAt: issued ? at : null,
    decidedBy: null,
    reason: null,
  };
}

function applyEvent(key: ReplayedKey, event: KeyEvent, { at, actorId, details }: Entry): void {
  key.status = transitions[event].to;
  if (event === 'reveal') {
    key.revealedAt = at;
    key.prefix = details.prefix;
    return;
  }
  if (event === 'withdraw' || event === 'revoke') {
    key.revokedAt = at;
    key.revokedBy = actorId;
  }
  if (event !== 'revoke') {
    key.decision = { approve: 'approved', reject: 'rejected', withdraw: 'withdrawn' }[event];
    key.decidedAt = at;
    key.decidedBy = actorId;
  }
  key.reason = details.reason ?? key.reason;
}

type Row = Record<string, unknown>;

/** Rows by id, per table, as the trail describes them. */
type Tables = Record<'users' | 'tools' | 'accounts' | 'invitations', Map<string, Row>>;

/** What each audit action does to the tables. */
const CHANGES: Record<string, (tables: Tables, id: string, entry: Entry) => unknown> = {
  'user.created': ({ users }, id, { details: { email, role } }) =>
    users.set(id, { email, role, disabledAt: null }),
  'user.joined'({ users, invitations }, id, { actorEmail, details }) {
    users.set(id, { email: actorEmail, role: details.role, disabledAt: null });
    invitations.set(String(details.invitation), { state: 'accepted' });
  },
  'user.promoted': ({ users }, id, { details: { role } }) => update(users, id, { role }),
  'user.demoted': ({ users }, id, { details: { role } }) => update(users, id, { role }),
  'user.disabled': ({ users }, id, { at }) => update(users, id, { disabledAt: at }),
  'user.enabled': ({ users }, id) => update(users, id, { disabledAt: null }),
  'user.invited': ({ invitations }, id) => invitations.set(id, { state: 'open' }),
  'invitation.revoked': ({ invitations }, id) => invitations.set(id, { state: 'revoked' }),
  'service_account.created': ({ accounts }, id, { actorId, details }) =>
    accounts.set(id, { ...details, createdBy: actorId, disabledAt: null }),
  'service_account.updated': ({ accounts }, id, { details }) => update(accounts, id, details),
  'service_account.disabled': ({ accounts }, id, { at }) => update(accounts, id, { disabledAt: at }),
  'service_account.enabled': ({ accounts }, id) => update(accounts, id, { disabledAt: null }),
  'tool.created': ({ tools }, id, { actorId, details }) =>
    tools.set(id, { ...details, archivedAt: null, credential: 0, createdBy: actorId }),
  'tool.updated': ({ tools }, id, { details }) => update(tools, id, details),
  'tool.approval_required': ({ tools }, id) => update(tools, id, { requiresApproval: true }),
  'tool.approval_waived': ({ tools }, id) => update(tools, id, { requiresApproval: false }),
  'tool.archived': ({ tools }, id, { at }) => update(tools, id, { archivedAt: at }),
  'tool.restored': ({ tools }, id) => update(tools, id, { archivedAt: null }),
  'credential.set': ({ tools }, id) => update(tools, id, { credential: 1 }),
  'credential.removed': ({ tools }, id) => update(tools, id, { credential: 0 }),
};

const update = (rows: Map<string, Row>, id: string, changes: Row) =>
  Object.assign(rows.get(id) ?? {}, changes);

function compareOtherTables(sqlite: BetterSqlite3.Database, entries: Entry[]): string[] {
  const tables: Tables = {
    users: new Map(),
    tools: new Map(),
    accounts: new Map(),
    invitations: new Map(),
  };
  for (const entry of entries)
    CHANGES[entry.action]?.(tables, entry.subject.slice(entry.subject.indexOf(':') + 1), entry);
  return [
    ...compare(sqlite, tables.users, 'select id, email, role, disabled_at as disabledAt from users'),
    ...compare(
      sqlite,
      tables.tools,
      `select id, slug, display_name as displayName, requires_approval as requiresApproval,
       upstream_url as upstreamUrl, archived_at as archivedAt,
       exists (select 1 from tool_credentials where tool_id = tools.id) as credential from tools`,
    ),
    ...compare(
      sqlite,
      tables.accounts,
      'select id, name, purpose, created_by as createdBy, disabled_at as disabledAt from service_accounts',
    ),
    ...compare(
      sqlite,
      tables.invitations,
      `select id, case when accepted_at is not null then 'accepted' when revoked_at is not null then 'revoked'
       else 'open' end as state from invitations`,
    ),
  ];
}

function compare(sqlite: BetterSqlite3.Database, replayed: Map<string, Row>, query: string): string[] {
  const problems: string[] = [];
  for (const { id, ...row } of sqlite.prepare<[], { id: string }>(query).all()) {
    const expected = replayed.get(id);
    replayed.delete(id);
    if (expected === undefined) problems.push(`${id} isn't in the trail`);
    else problems.push(...differences(id, expected, row));
  }
  for (const id of replayed.keys()) problems.push(`the trail has ${id}, which doesn't exist`);
  return problems;
}

/** Each column of `row` that differs; SQLite stores booleans as 0 and 1. */
function differences(id: string, replayed: object, row: object): string[] {
  const expected = replayed as Record<string, unknown>;
  return Object.entries(row).flatMap(([name, value]) => {
    const wanted = typeof expected[name] === 'boolean' ? Number(expected[name]) : (expected[name] ?? null);
    return wanted === value ? [] : [`${id} has ${name} ${value}, and the trail says ${wanted}`];
  });
}

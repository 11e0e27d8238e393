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

/** A key as the trail tells it: the columns that a reader of the trail alone could know. */
interface ToldKey {
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
 * Where the tables and the audit trail disagree, in sentences; empty when they do not. The trail is read from
 * its beginning and every change in it is carried out anew, by the state machine: what comes out must be what
 * stands in the tables. So a change without its entry is seen, an entry without its change, and half a change.
 *
 * @param people also compare users, tools, service accounts, invitations and credentials; to be left out where a test has put
 * some of them straight into the database.
 */
export function findTrailDifferences(
  sqlite: BetterSqlite3.Database,
  { people = true }: { people?: boolean } = {},
): string[] {
  const entries = readTrail(sqlite);
  return [...compareKeys(sqlite, entries), ...(people ? compareRest(sqlite, entries) : [])];
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
  const { told, problems } = tellKeys(entries);
  const rows = sqlite
    .prepare<[], ToldKey & { id: string; hash: string | null }>(
      `select k.id, k.hash, coalesce(k.holder_id, k.service_account_id) as holderId, k.tool_id as toolId, k.environment, r.purpose, k.status,
       k.prefix, k.created_at as createdAt, k.revealed_at as revealedAt, k.revoked_at as revokedAt,
       k.revoked_by as revokedBy, r.decision, r.decided_at as decidedAt, r.decided_by as decidedBy,
       coalesce(r.reason, k.revocation_reason) as reason
       from keys k left join requests r on r.id = k.request_id`,
    )
    .all();
  for (const { id, hash, ...row } of rows) {
    const expected = told.get(id);
    told.delete(id);
    if (expected === undefined) problems.push(`${id} is ${row.status}, and the trail does not know of it`);
    else problems.push(...differences(id, expected, row));
    if ((hash === null) !== (row.revealedAt === null)) problems.push(`${id} has half a secret`);
  }
  for (const id of told.keys()) problems.push(`the trail tells of ${id}, which is not there`);
  const orphans = sqlite
    .prepare('select id from requests where id not in (select request_id from keys)')
    .pluck()
    .all();
  for (const id of orphans) problems.push(`${id} is a request without a key`);
  return problems;
}

function tellKeys(entries: Entry[]): { told: Map<string, ToldKey>; problems: string[] } {
  const told = new Map<string, ToldKey>();
  const problems: string[] = [];
  for (const entry of entries) {
    const { keyId, action } = entry;
    if (keyId === null || action === 'gateway.refused') continue;
    if (action === 'key.issued' || action === 'key.requested') {
      if (told.has(keyId)) problems.push(`entry ${entry.seq} requests ${keyId} once more`);
      told.set(keyId, requested(entry));
      continue;
    }
    const key = told.get(keyId);
    const event = EVENTS[action];
    if (key === undefined || event === undefined) {
      problems.push(`entry ${entry.seq} says ${action} of ${keyId}, which was not requested`);
      continue;
    }
    if (!mayHappen(event, { status: key.status, revealed: key.revealedAt !== null })) {
      problems.push(`entry ${entry.seq} says ${action} of ${keyId}, which was ${key.status}`);
    }
    happen(key, event, entry);
  }
  return { told, problems };
}

function requested({ at, actorId, toolId, action, details }: Entry): ToldKey {
  const issued = action === 'key.issued';
  return {
    // Who asks for a key holds it, unless an admin issues it to a service account.
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

function happen(key: ToldKey, event: KeyEvent, { at, actorId, details }: Entry): void {
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

function compareRest(sqlite: BetterSqlite3.Database, entries: Entry[]): string[] {
  const users = new Map<string, Record<string, unknown>>();
  const tools = new Map<string, Record<string, unknown>>();
  const invitations = new Map<string, Record<string, unknown>>();
  const accounts = new Map<string, Record<string, unknown>>();
  for (const entry of entries) {
    const { at, action, actorId, details } = entry;
    const id = entry.subject.slice(entry.subject.indexOf(':') + 1);
    const user = users.get(id) ?? {};
    const tool = tools.get(id) ?? {};
    const account = accounts.get(id) ?? {};
    if (action === 'user.created')
      users.set(id, { email: details.email, role: details.role, disabledAt: null });
    if (action === 'user.joined') {
      users.set(id, { email: entry.actorEmail, role: details.role, disabledAt: null });
      invitations.set(String(details.invitation), { state: 'accepted' });
    }
    if (action === 'user.promoted' || action === 'user.demoted') user.role = details.role;
    if (action === 'user.disabled') user.disabledAt = at;
    if (action === 'user.enabled') user.disabledAt = null;
    if (action === 'user.invited') invitations.set(id, { state: 'open' });
    if (action === 'invitation.revoked') invitations.set(id, { state: 'revoked' });
    if (action === 'service_account.created')
      accounts.set(id, { ...details, createdBy: actorId, disabledAt: null });
    if (action === 'service_account.updated') Object.assign(account, details);
    if (action === 'service_account.disabled') account.disabledAt = at;
    if (action === 'service_account.enabled') account.disabledAt = null;
    if (action === 'tool.created')
      tools.set(id, { ...details, archivedAt: null, credential: 0, createdBy: actorId });
    if (action === 'tool.updated') Object.assign(tool, details);
    if (action === 'tool.approval_required') tool.requiresApproval = true;
    if (action === 'tool.approval_waived') tool.requiresApproval = false;
    if (action === 'tool.archived') tool.archivedAt = at;
    if (action === 'tool.restored') tool.archivedAt = null;
    if (action === 'credential.set') tool.credential = 1;
    if (action === 'credential.removed') tool.credential = 0;
  }
  return [
    ...compare(sqlite, users, 'select id, email, role, disabled_at as disabledAt from users'),
    ...compare(
      sqlite,
      tools,
      `select id, slug, display_name as displayName, requires_approval as requiresApproval,
       upstream_url as upstreamUrl, archived_at as archivedAt,
       exists (select 1 from tool_credentials where tool_id = tools.id) as credential from tools`,
    ),
    ...compare(
      sqlite,
      accounts,
      'select id, name, purpose, created_by as createdBy, disabled_at as disabledAt from service_accounts',
    ),
    ...compare(
      sqlite,
      invitations,
      `select id, case when accepted_at is not null then 'accepted' when revoked_at is not null then 'revoked'
       else 'open' end as state from invitations`,
    ),
  ];
}

function compare(
  sqlite: BetterSqlite3.Database,
  told: Map<string, Record<string, unknown>>,
  query: string,
): string[] {
  const problems: string[] = [];
  for (const { id, ...row } of sqlite.prepare<[], { id: string }>(query).all()) {
    const expected = told.get(id);
    told.delete(id);
    if (expected === undefined) problems.push(`the trail does not know of ${id}`);
    else problems.push(...differences(id, expected, row));
  }
  for (const id of told.keys()) problems.push(`the trail tells of ${id}, which is not there`);
  return problems;
}

/** Each column of `row` that is not as told; SQLite has 0 and 1 for false and true. */
function differences(id: string, told: object, row: object): string[] {
  const expected = told as Record<string, unknown>;
  return Object.entries(row).flatMap(([name, value]) => {
    const wanted = typeof expected[name] === 'boolean' ? Number(expected[name]) : (expected[name] ?? null);
    return wanted === value ? [] : [`${id} has ${name} ${value}, and the trail tells ${wanted}`];
  });
}

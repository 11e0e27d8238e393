import type { ErrorReason } from '~/core/error-catalogue';
import type { GatewayErrorReason } from '~/gateway/error-catalogue';
import { isLive, type KeyEvent, transitions } from '~/keys/key-state-machine';
import { mayDecide, needsApproval } from '~/requests/approval-rule';
import type { Environment, KeyStatus, UserRole } from '~db/schema/enums';
import { mayHappen } from '../keys/transition-allowed';

/** One step of a walk. People, tools and keys are indexes; keys in order of their requests. */
export type Step = { by: number } & (
  | { does: 'request'; tool: number; environment: Environment }
  | { does: 'approve' | 'reject' | 'withdraw' | 'reveal'; key: number }
  | { does: 'revoke'; key: number; reason?: string }
  | { does: 'setRequiresApproval'; tool: number; requiresApproval: boolean }
  | { does: 'archive' | 'restore'; tool: number }
  | { does: 'disable' | 'enable'; whom: number }
  | { does: 'setRole'; whom: number; role: UserRole }
  | { does: 'verify'; key: number; tool: number }
);

export interface ModelKey {
  holder: number;
  tool: number;
  environment: Environment;
  status: KeyStatus;
  revealed: boolean;
}

/** The rules of the product without database and procedures: who may do what, when. */
export interface Model {
  people: { role: UserRole; enabled: boolean }[];
  tools: { requiresApproval: boolean; archived: boolean }[];
  keys: ModelKey[];
  /** Attempts refused for lack of the admin role: the trail records the first per minute, and a walk takes less. */
  denied: Set<string>;
}

/** The expected outcome of a step: an error, or success with this number of audit entries. */
export type Expectation =
  | { refused: ErrorReason | GatewayErrorReason; entries: number }
  | { refused: null; entries: number; change(): void };

const done = (entries: number, change: () => void = () => undefined): Expectation => ({
  refused: null,
  entries,
  change,
});
const refused = (reason: ErrorReason | GatewayErrorReason, entries = 0): Expectation => ({
  refused: reason,
  entries,
});

const FOR_ADMINS = new Set<Step['does']>([
  'approve',
  'reject',
  'setRequiresApproval',
  'archive',
  'restore',
  'disable',
  'enable',
  'setRole',
]);

/** The expected outcome of the step in this state; null when its key doesn't exist yet. */
export function expectation(model: Model, step: Step): Expectation | null {
  const actor = at(model.people, step.by);
  if ('key' in step && step.key >= model.keys.length) return null;
  if (step.does === 'verify') return ofVerify(model, at(model.keys, step.key), step.tool);
  if (!actor.enabled) return refused('signed-out');
  if (FOR_ADMINS.has(step.does) && actor.role !== 'admin') {
    const attempt = `${step.by} ${step.does}`;
    const entries = model.denied.has(attempt) ? 0 : 1;
    model.denied.add(attempt);
    return refused('not-admin', entries);
  }
  switch (step.does) {
    case 'request':
      return ofRequest(model, step);
    case 'setRequiresApproval': {
      const tool = at(model.tools, step.tool);
      const same = tool.requiresApproval === step.requiresApproval;
      return done(same ? 0 : 1, () => {
        tool.requiresApproval = step.requiresApproval;
      });
    }
    case 'archive':
    case 'restore': {
      const tool = at(model.tools, step.tool);
      const archived = step.does === 'archive';
      if (tool.archived === archived) return refused('unchanged');
      return done(1, () => {
        tool.archived = archived;
      });
    }
    case 'disable':
    case 'enable':
    case 'setRole':
      return ofPerson(model, step);
    default:
      return ofKey(model, step.does, step, at(model.keys, step.key));
  }
}

function ofRequest(
  { tools, keys }: Model,
  { by, tool, environment }: Extract<Step, { does: 'request' }>,
): Expectation {
  const wanted = at(tools, tool);
  if (wanted.archived) return refused('tool-archived');
  const held = keys.some(
    (key) => key.holder === by && key.tool === tool && key.environment === environment && isLive(key.status),
  );
  if (held) return refused('live-key-exists');
  const pending = needsApproval(wanted, environment);
  return done(1, () => {
    keys.push({
      holder: by,
      tool,
      environment,
      status: pending ? 'PENDING' : 'ACTIVE',
      revealed: !pending,
    });
  });
}

/** Errors for transitions that the state machine doesn't allow. */
const TOO_LATE: Record<KeyEvent, (key: ModelKey) => ErrorReason> = {
  approve: () => 'already-decided',
  reject: () => 'already-decided',
  withdraw: () => 'not-pending',
  reveal: ({ status }) => (status === 'ACTIVE' ? 'already-revealed' : 'not-active'),
  revoke: () => 'not-active',
};

function ofKey(
  { people }: Model,
  event: KeyEvent,
  { by, ...step }: { by: number; reason?: string },
  key: ModelKey,
): Expectation {
  const denied = deniedTo(at(people, by).role, key.holder === by, event, step.reason);
  if (denied !== null) return refused(denied);
  if (!mayHappen(event, key)) return refused(TOO_LATE[event](key));
  if (event === 'approve' || event === 'reject') {
    const admins = people.filter(({ role, enabled }) => role === 'admin' && enabled).length;
    if (mayDecide(String(by), String(key.holder), admins) === 'no') return refused('own-request');
  }
  return done(1, () => {
    key.status = transitions[event].to;
    key.revealed ||= event === 'reveal';
  });
}

/** The error for someone who may not do this to the key at all, whatever its state. */
function deniedTo(role: UserRole, isHolder: boolean, event: KeyEvent, reason?: string): ErrorReason | null {
  if (isHolder || event === 'approve' || event === 'reject') return null;
  if (role !== 'admin' || event === 'withdraw') return 'key-not-found';
  if (event === 'reveal') return 'not-holder';
  return reason === undefined ? 'reason-required' : null;
}

function ofPerson(
  { people, keys }: Model,
  step: Extract<Step, { does: 'disable' | 'enable' | 'setRole' }>,
): Expectation {
  const person = at(people, step.whom);
  if (step.does === 'enable') {
    if (person.enabled) return refused('unchanged');
    return done(1, () => {
      person.enabled = true;
    });
  }
  if (step.whom === step.by) return refused('own-account');
  if (step.does === 'setRole') {
    if (person.role === step.role) return refused('unchanged');
    return done(1, () => {
      person.role = step.role;
    });
  }
  if (!person.enabled) return refused('unchanged');
  const ending = keys.filter(({ holder, status }) => holder === step.whom && isLive(status));
  return done(1 + ending.length, () => {
    person.enabled = false;
    for (const key of ending) key.status = 'REVOKED';
  });
}

function ofVerify({ people, tools }: Model, key: ModelKey, tool: number): Expectation | null {
  if (!key.revealed) return null; // there is no raw key to verify
  if (key.status !== 'ACTIVE') return refused('key-revoked');
  if (!at(people, key.holder).enabled) return refused('holder-disabled');
  if (key.tool !== tool) return refused('wrong-tool');
  if (at(tools, key.tool).archived) return refused('tool-archived');
  return done(0);
}

function at<T>(list: T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`no item at index ${index}`);
  return item;
}

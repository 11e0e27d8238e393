import { EventEmitter } from 'node:events';
import type { KeyStatus } from '~db/schema/enums';

/** Events within the process, emitted after the commit and before the response. Listeners must not throw. */
interface EventMap {
  /** A key was created or changed its status. `holderId` is a user or a service account. */
  'key-changed': [{ keyId: string; holderId: string; toolId: string; status: KeyStatus }];
  /** The gateway has saved when a key was last used. */
  'key-used': [{ keyId: string; holderId: string }];
  /** A tool was added, edited, archived or restored, or its credential changed. */
  'tool-changed': [{ toolId: string }];
  /** A user's role, sessions or enabled state changed. */
  'user-changed': [{ userId: string }];
  /** A service account was created, edited, disabled or enabled. */
  'service-account-changed': [{ serviceAccountId: string }];
}

export type EventBus = EventEmitter<EventMap>;

/** Live pages listen to it, and so does the gateway, to abort streams of revoked keys. */
export function createEventBus(): EventBus {
  const events = new EventEmitter<EventMap>();
  events.setMaxListeners(0); // one per live page
  return events;
}

import { EventEmitter } from 'node:events';
import type { KeyStatus } from '~db/schema/enums';

/** What has happened, told after the commit and before the answer. No listener may throw. */
interface EventMap {
  /** A key was made, decided, revealed, withdrawn or revoked. Its holder is a user or a service account. */
  'key-changed': [{ keyId: string; holderId: string; toolId: string; status: KeyStatus }];
  /** The gateway has noted uses of a key; nothing about it has changed but when it was last used. */
  'key-used': [{ keyId: string; holderId: string }];
  /** A tool was added, edited, archived or restored, or its credential changed. */
  'tool-changed': [{ toolId: string }];
  /** A user's role, sessions or enabled state changed. */
  'user-changed': [{ userId: string }];
  /** A service account was made, edited, disabled or enabled. */
  'service-account-changed': [{ serviceAccountId: string }];
}

export type EventBus = EventEmitter<EventMap>;

/** The process's own announcements: live pages listen, and so does the gateway, to cut streams. */
export function createEventBus(): EventBus {
  const events = new EventEmitter<EventMap>();
  events.setMaxListeners(0); // one a live page
  return events;
}

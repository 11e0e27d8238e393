import { z } from 'zod';
import { email } from '~/auth/auth.schema';
import { MAX_SEARCH_LENGTH } from '~/core/limits';
import { optionalReason } from '~/keys/keys.schema';
import { type UserRole, userRoles } from '~db/schema/enums';

const role = z.enum(userRoles, 'Choose a role.');
const userId = z.string().regex(/^usr_[0-9a-z]{20}$/, 'This is not a user id.');

export const userIdInput = z.object({ userId });
export const inviteInput = z.object({ email, role });
export const invitationIdInput = z.object({
  invitationId: z.string().regex(/^inv_[0-9a-z]{20}$/, 'This is not an invitation id.'),
});
export const setRoleInput = z.object({ userId, role });
export const disableInput = z.object({
  userId,
  reason: optionalReason,
});

export const listUsersInput = z
  .object({
    /** Part of a name or email address. */
    search: z.string().trim().max(MAX_SEARCH_LENGTH).optional(),
    role: role.optional(),
    state: z.enum(['enabled', 'disabled']).optional(),
  })
  .optional();
export type ListUsersInput = z.infer<typeof listUsersInput>;

/** A user as admins see it. Times are in milliseconds since the epoch. */
export interface UserView {
  id: string;
  email: string;
  name: string;
  role: UserRole;
  createdAt: number;
  disabledAt: number | null;
  activeKeys: number;
  pendingRequests: number;
  /** How many browsers are signed in. */
  sessions: number;
}

/** An open invitation, without its link. Times are in milliseconds since the epoch. */
export interface InvitationView {
  id: string;
  email: string;
  role: UserRole;
  invitedBy: { id: string; name: string };
  createdAt: number;
  expiresAt: number;
}

import { z } from 'zod';
import { email } from '~/auth/auth.schema';
import { reason } from '~/keys/keys.schema';
import { type UserRole, userRoles } from '~db/schema/enums';

const role = z.enum(userRoles, 'Pick one of the roles.');
const userId = z.string().regex(/^usr_[0-9a-z]{20}$/, 'This is not the id of a user.');

export const userIdInput = z.object({ userId });
export const inviteInput = z.object({ email, role });
export const invitationIdInput = z.object({
  invitationId: z.string().regex(/^inv_[0-9a-z]{20}$/, 'This is not the id of an invitation.'),
});
export const setRoleInput = z.object({ userId, role });
export const disableInput = z.object({
  userId,
  reason: z.preprocess((given) => (given === '' ? undefined : given), reason.optional()),
});

const userStates = ['enabled', 'disabled'] as const;

export const listUsersInput = z
  .object({
    /** Part of a name or e-mail address. */
    search: z.string().trim().max(200).optional(),
    role: role.optional(),
    state: z.enum(userStates).optional(),
  })
  .optional();
export type ListUsersInput = z.infer<typeof listUsersInput>;

/** A person as admins see them. Times in milliseconds since the epoch. */
export interface UserView {
  id: string;
  email: string;
  name: string;
  role: UserRole;
  createdAt: number;
  disabledAt: number | null;
  activeKeys: number;
  pendingRequests: number;
  /** Browsers that are signed in. */
  sessions: number;
}

/** An invitation that nobody has accepted or withdrawn; its link is known to who made it, and not here. */
export interface InvitationView {
  id: string;
  email: string;
  role: UserRole;
  invitedBy: { id: string; name: string };
  createdAt: number;
  expiresAt: number;
}

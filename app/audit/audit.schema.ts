import { z } from 'zod';

/** Everything that can stand in the audit trail: a closed list. */
export const auditActions = [
  'access.denied',
  'credential.removed',
  'credential.set',
  'credential.tested',
  'invitation.revoked',
  'key.approved',
  'key.issued',
  'key.rejected',
  'key.requested',
  'key.revealed',
  'key.revoked',
  'key.withdrawn',
  'master_key.rotated',
  'password.changed',
  'session.ended',
  'session.refused',
  'session.started',
  'tool.approval_required',
  'tool.approval_waived',
  'tool.archived',
  'tool.created',
  'tool.restored',
  'tool.updated',
  'user.created',
  'user.demoted',
  'user.disabled',
  'user.enabled',
  'user.invited',
  'user.joined',
  'user.promoted',
  'user.sessions_ended',
  'wire.refused',
] as const;
export type AuditAction = (typeof auditActions)[number];

export const auditListInput = z
  .object({
    /** The sequence number to go on before; entries come newest first. */
    cursor: z.number().int().positive().optional(),
    actor: z.string().trim().max(200).optional(),
    action: z.enum(auditActions).optional(),
    tool: z.string().trim().max(200).optional(),
    key: z.string().trim().max(200).optional(),
    /** Milliseconds since the epoch, UTC, both inclusive. */
    from: z.number().int().optional(),
    to: z.number().int().optional(),
  })
  .optional();
export type AuditListInput = z.infer<typeof auditListInput>;

import type { Environment } from '~db/schema/enums';

/**
 * `needsApproval = tool.requiresApproval AND environment = production`, and nothing else decides it:
 * production keys sit in long-lived infrastructure and act for a system in a person's name.
 */
export function needsApproval(tool: { requiresApproval: boolean }, environment: Environment): boolean {
  return tool.requiresApproval && environment === 'production';
}

/**
 * May this admin decide on that holder's request? Nobody decides on their own, except the only enabled
 * admin, so that a team of one is not locked out; `selfApproved` then stands on the audit trail.
 *
 * @param enabledAdmins how many admins are enabled, this one among them.
 */
export function mayDecide(
  adminId: string,
  holderId: string,
  enabledAdmins: number,
): 'yes' | 'as-only-admin' | 'no' {
  if (adminId !== holderId) return 'yes';
  return enabledAdmins === 1 ? 'as-only-admin' : 'no';
}

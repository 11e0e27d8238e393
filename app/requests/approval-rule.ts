import type { Environment } from '~db/schema/enums';

/**
 * A key needs approval when its tool requires it and the environment is production. Nothing else decides.
 *
 * Production keys live in long-running infrastructure, outlive experiments and cause more damage when leaked.
 */
export function needsApproval(tool: { requiresApproval: boolean }, environment: Environment): boolean {
  return tool.requiresApproval && environment === 'production';
}

/**
 * Nobody decides on their own request, except the only enabled admin, so that a team of one isn't locked out. The audit
 * entry of such an approval has `selfApproved`.
 *
 * @param enabledAdmins the number of enabled admins, including this one.
 */
export function mayDecide(
  adminId: string,
  holderId: string,
  enabledAdmins: number,
): 'yes' | 'as-only-admin' | 'no' {
  if (adminId !== holderId) return 'yes';
  return enabledAdmins === 1 ? 'as-only-admin' : 'no';
}

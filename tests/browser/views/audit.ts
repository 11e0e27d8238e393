import { type View, viewsOf } from '../gallery';

const ada = viewsOf('ada', 'admin/audit');

/** The audit trail. */
export const auditViews: View[] = [
  ada('audit', 'audit-trail.tsx', '/admin/audit', 'Audit trail'),
  ada('audit-filtered', 'audit-trail.tsx', '/admin/audit?action=key.revoked', 'Audit trail'),
  ada('audit-no-match', 'audit-trail.tsx', '/admin/audit?actor=zzz', 'Audit trail'),
  ada('audit-entry', 'audit-entry.tsx', '/admin/audit/1', 'Tool created'),
  ada('audit-verify', 'verify-chain.tsx', '/admin/audit/verify', 'Verify the chain'),
];

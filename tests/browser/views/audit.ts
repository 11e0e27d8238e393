import type { View } from '../gallery';

/** The audit trail. */
export const auditViews: View[] = [
  {
    name: 'audit',
    route: 'admin/audit/audit-trail.tsx',
    who: 'ada',
    path: () => '/admin/audit',
    heading: 'Audit trail',
  },
  {
    name: 'audit-filtered',
    route: 'admin/audit/audit-trail.tsx',
    who: 'ada',
    path: () => '/admin/audit?action=key.revoked',
    heading: 'Audit trail',
  },
  {
    name: 'audit-no-match',
    route: 'admin/audit/audit-trail.tsx',
    who: 'ada',
    path: () => '/admin/audit?actor=zzz',
    heading: 'Audit trail',
  },
  {
    name: 'audit-entry',
    route: 'admin/audit/audit-entry.tsx',
    who: 'ada',
    path: () => '/admin/audit/1',
    heading: 'Tool created',
  },
  {
    name: 'audit-verify',
    route: 'admin/audit/verify-chain.tsx',
    who: 'ada',
    path: () => '/admin/audit/verify',
    heading: 'Verify the chain',
  },
];

import type { View } from '../gallery';

/** The audit trail. */
export const auditViews: View[] = [
  {
    name: 'audit',
    route: '_app.admin.audit.tsx',
    who: 'ada',
    path: () => '/admin/audit',
    heading: 'Audit trail',
  },
  {
    name: 'audit-filtered',
    route: '_app.admin.audit.tsx',
    who: 'ada',
    path: () => '/admin/audit?action=key.revoked',
    heading: 'Audit trail',
  },
  {
    name: 'audit-no-match',
    route: '_app.admin.audit.tsx',
    who: 'ada',
    path: () => '/admin/audit?actor=zzz',
    heading: 'Audit trail',
  },
  {
    name: 'audit-entry',
    route: '_app.admin.audit.$seq.tsx',
    who: 'ada',
    path: () => '/admin/audit/1',
    heading: 'Tool created',
  },
  {
    name: 'audit-verify',
    route: '_app.admin.audit.verify.tsx',
    who: 'ada',
    path: () => '/admin/audit/verify',
    heading: 'Verify the chain',
  },
];

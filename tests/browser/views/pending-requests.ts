import type { View } from '../gallery';

/** The admin's start page and pending requests. */
export const queueViews: View[] = [
  {
    name: 'get-started',
    route: 'admin/setup-checklist.tsx',
    who: 'ada',
    path: () => '/admin',
    heading: 'Get started',
  },
  {
    name: 'pending-requests',
    route: 'admin/ai/pending-keys/pending-requests.tsx',
    who: 'ada',
    path: () => '/admin/ai/pending-keys',
    heading: 'Pending key requests',
  },
  {
    name: 'pending-requests-no-match',
    route: 'admin/ai/pending-keys/pending-requests.tsx',
    who: 'ada',
    path: () => '/admin/ai/pending-keys?q=zzz',
    heading: 'Pending key requests',
  },
  {
    name: 'reject',
    route: 'admin/ai/pending-keys/reject-requests.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/pending-keys/reject?keyId=${at.pending}`,
    heading: 'Reject the request',
  },
];

import { type View, viewsOf } from '../gallery';

const ada = viewsOf('ada', 'admin/ai/pending-keys');

/** The admin's start page and pending requests. */
export const pendingRequestViews: View[] = [
  ada('get-started', '../../setup-checklist.tsx', '/admin', 'Get started'),
  ada('pending-requests', 'pending-requests.tsx', '/admin/ai/pending-keys', 'Pending key requests'),
  ada(
    'pending-requests-no-match',
    'pending-requests.tsx',
    '/admin/ai/pending-keys?q=zzz',
    'Pending key requests',
  ),
  ada(
    'reject',
    'reject-requests.tsx',
    ({ at }) => `/admin/ai/pending-keys/reject?keyId=${at.pending}`,
    'Reject the request',
  ),
];

import type { View } from './gallery';
import { keyViews } from './views/all-keys';
import { auditViews } from './views/audit';
import { ownViews } from './views/own-keys';
import { pendingRequestViews } from './views/pending-requests';
import { peopleViews } from './views/people';
import { serviceAccountViews } from './views/service-accounts';
import { signInViews } from './views/sign-in';
import { toolViews } from './views/tools';

/** Files in `app/routes` without a page. */
export const ROUTES_WITHOUT_VIEW = [
  'home.ts',
  'app-layout.tsx',
  'sign-in/sign-out.tsx',
  'admin/audit/export.ts',
];

/** Every page, drawer, dialog and modal. A route without a view fails a test. */
export const VIEWS: View[] = [
  ...signInViews,
  ...ownViews,
  ...pendingRequestViews,
  ...toolViews,
  ...keyViews,
  ...serviceAccountViews,
  ...peopleViews,
  ...auditViews,
];

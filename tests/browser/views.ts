import type { View } from './gallery';
import { auditViews } from './views/audit';
import { doorViews } from './views/door';
import { keyViews } from './views/keys';
import { ownViews } from './views/own';
import { peopleViews } from './views/people';
import { queueViews } from './views/queue';
import { serviceAccountViews } from './views/service-accounts';
import { toolViews } from './views/tools';

/** Files in `app/routes` that show nothing of their own. */
export const ROUTES_WITHOUT_VIEW = ['_index.tsx', '_app.tsx', 'sign-out.tsx', '_app.admin.audit_.export.ts'];

/** Every page, drawer, dialog and modal. A test fails when a route is in none of them. */
export const VIEWS: View[] = [
  ...doorViews,
  ...ownViews,
  ...queueViews,
  ...toolViews,
  ...keyViews,
  ...serviceAccountViews,
  ...peopleViews,
  ...auditViews,
];

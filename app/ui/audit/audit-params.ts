import { listState } from '~/ui/list-state';

export const AUDIT_TRAIL = listState('/admin/audit', ['actor', 'action', 'tool', 'key', 'from', 'to']);

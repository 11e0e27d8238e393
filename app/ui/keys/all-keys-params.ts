import { listState } from '~/ui/list-state';

export const ALL_KEYS = listState('/admin/ai/keys', ['q', 'status']);

import type { ToolView } from '~/tools/tools.schema';
import { listState, type SortOption } from '~/ui/list-state';

export const TOOLS = listState('/admin/ai/tools', ['q', 'show']);

/** Rows arrive by name. */
export const TOOL_ORDERS: SortOption<ToolView>[] = [
  { label: 'By name', value: '' },
  { label: 'Most live keys first', value: 'keys', compare: (a, b) => b.liveKeys - a.liveKeys },
  { label: 'Newest first', value: 'newest', compare: (a, b) => b.createdAt - a.createdAt },
];

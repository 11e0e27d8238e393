import type { ToolView } from '~/tools/tools.schema';

/** The orders that the catalogue offers, as its URL says them; empty is how it comes. */
export const TOOL_ORDERS = [
  { label: 'By name', value: '' },
  { label: 'Most live keys first', value: 'keys' },
  { label: 'Newest first', value: 'newest' },
];

/** The catalogue in this order; `tools` come by name, which also orders what is equal otherwise. */
export function sortTools(tools: ToolView[], order: string | null): ToolView[] {
  if (order === 'keys') return tools.toSorted((a, b) => b.liveKeys - a.liveKeys);
  if (order === 'newest') return tools.toSorted((a, b) => b.createdAt - a.createdAt);
  return tools;
}

/** A tool's initial on a tile, next to its name, so hidden from screen readers. */
export function ToolAvatar({ name }: { name: string }) {
  return (
    <span
      aria-hidden
      className="grid size-8 shrink-0 place-items-center rounded-md border border-line bg-sunken text-sm font-semibold text-muted"
    >
      {name.slice(0, 1).toUpperCase()}
    </span>
  );
}

/** The list's address with some parameters replaced, and begun anew unless a place is among them. */
export function auditHref(params: URLSearchParams, changes: Record<string, string | number | null>): string {
  const next = new URLSearchParams(params);
  for (const name of ['cursor', 'after']) next.delete(name);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, String(value));
  }
  return auditPage('', next);
}

/** The address of a page below the list (`/12`, `/export`, or the list itself), as the parameters have it. */
export function auditPage(below: string, params: URLSearchParams): string {
  const given = new URLSearchParams([...params].filter(([, value]) => value !== ''));
  return `/admin/audit${below}${given.size > 0 ? `?${given}` : ''}`;
}

import { Form, Link, useNavigate, useSearchParams } from '@remix-run/react';
import { Search } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from './button';

interface Chip {
  label: string;
  /** The parameter's value; empty for the default filter, which the URL then does not name. */
  value: string;
}

interface ListToolbarProps {
  /** The accessible name of the search field, for example *Search tools*. */
  searchLabel: string;
  placeholder?: string;
  /** What the search must not hold, since it becomes an address; checked before anything is sent. */
  forbidden?: { pattern: string; words: string };
  chips?: { param: string; label: string; options: Chip[] };
  sort?: { options: Chip[] };
  /** Further filters, each a choice of one. */
  selects?: { param: string; label: string; options: Chip[] }[];
  /** Further parameters of the address that filtering leaves as they are. */
  keep?: string[];
  /** How many rows there are, in words: *5 tools*. */
  count: string;
  children?: ReactNode;
}

/** What every list has above it: search, filter chips, sort and count. All of its state is in the URL. */
export function ListToolbar({
  searchLabel,
  placeholder,
  forbidden,
  chips,
  sort,
  selects = [],
  keep = [],
  count,
  children,
}: ListToolbarProps) {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const form = useFieldsAsInAddress(params);
  const choices = [...selects, ...(sort ? [{ param: 'sort', label: 'Sort by', options: sort.options }] : [])];
  const kept = [...(chips ? [chips.param] : []), ...keep]
    .map((name) => [name, params.get(name) ?? ''] as const)
    .filter(([, value]) => value !== '');
  const names = ['q', ...choices.map(({ param }) => param), ...keep];
  const chipAddress = (name: string, value: string) =>
    address([...names.map((other) => [other, params.get(other) ?? ''] as const), [name, value]]);
  /** Leads to what the fields say. Every letter does, so the page before the list stays one step back. */
  const narrow = (fields: HTMLFormElement) => {
    const given = [...new FormData(fields)].map(([name, value]) => [name, String(value)] as const);
    navigate(address(given), { replace: true, preventScrollReset: true });
  };
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <Form
        ref={form}
        method="get"
        role="search"
        className="flex min-w-0 flex-1 basis-full flex-wrap gap-2 sm:basis-64"
        onChange={({ currentTarget }) => {
          if (currentTarget.reportValidity()) narrow(currentTarget);
        }}
        onSubmit={(event) => {
          event.preventDefault();
          narrow(event.currentTarget);
        }}
      >
        {kept.map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <span className="relative min-w-48 flex-1 basis-full sm:basis-0">
          <Search aria-hidden className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted" />
          <input
            type="search"
            name="q"
            aria-label={searchLabel}
            placeholder={placeholder ?? searchLabel}
            defaultValue={params.get('q') ?? ''}
            pattern={forbidden && `(?!.*${forbidden.pattern}).*`}
            title={forbidden?.words}
            autoComplete="off"
            data-1p-ignore
            className="min-h-9 w-full rounded-md border border-control bg-surface py-1.5 pr-3 pl-8 text-sm"
          />
        </span>
        {choices.map(({ param, label, options }) => (
          <select
            key={param}
            name={param}
            aria-label={label}
            defaultValue={params.get(param) ?? ''}
            className="min-h-9 w-32 flex-1 truncate rounded-md border border-control bg-surface px-2 text-sm sm:w-auto sm:max-w-52 sm:flex-none"
          >
            {options.map(({ label: words, value }) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        ))}
        <noscript>
          <Button>Search</Button>
        </noscript>
      </Form>
      {chips ? (
        <ul aria-label={chips.label} className="flex flex-wrap gap-1">
          {chips.options.map(({ label, value }) => {
            const current = (params.get(chips.param) ?? '') === value;
            return (
              <li key={value}>
                <Link
                  to={chipAddress(chips.param, value)}
                  preventScrollReset
                  replace
                  aria-current={current ? 'true' : undefined}
                  className="inline-flex min-h-8 items-center rounded-full border border-line px-3 text-sm text-muted hover:bg-sunken aria-[current]:border-accent aria-[current]:bg-accent-tint aria-[current]:font-medium aria-[current]:text-accent"
                >
                  {label}
                </Link>
              </li>
            );
          })}
        </ul>
      ) : null}
      {children}
      <p role="status" className="ml-auto text-sm text-muted">
        {count}
      </p>
    </div>
  );
}

/** A list's address with these parameters; what is empty stands for the default and is left out. */
function address(params: (readonly [name: string, value: string])[]): string {
  return `?${new URLSearchParams(params.filter(([, value]) => value !== '').map(([name, value]) => [name, value]))}`;
}

/**
 * Makes fields say again what the address does once something else has changed it, *Clear filters* say: a field
 * that was typed into keeps its text otherwise. The one being typed into is left alone, since it is ahead.
 */
function useFieldsAsInAddress(params: URLSearchParams) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    for (const field of form.current?.elements ?? []) {
      if (field === document.activeElement) continue;
      if (field instanceof HTMLInputElement) field.value = params.get(field.name) ?? '';
      else if (field instanceof HTMLSelectElement) {
        const options = [...field.options].map(({ value }) => value);
        field.selectedIndex = Math.max(0, options.indexOf(params.get(field.name) ?? ''));
      }
    }
  }, [params]);
  return form;
}

/** `1 tool`, `5 tools`. */
export function counted(amount: number, noun: string): string {
  return `${amount.toLocaleString('en')} ${noun}${amount === 1 ? '' : 's'}`;
}

import { Form, Link, useNavigate, useSearchParams } from '@remix-run/react';
import { Search } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from './button';
import type { ListState } from './list-state';

interface Option {
  label: string;
  /** The parameter's value; empty for the default, which the URL doesn't name. */
  value: string;
}

interface ListToolbarProps {
  list: ListState;
  /** The accessible name of the search field, for example *Search tools*. */
  searchLabel: string;
  placeholder?: string;
  /** What must not be searched for, since it would end up in the URL. Checked before anything is sent. */
  forbidden?: { pattern: string; message: string };
  chips?: { param: string; label: string; options: Option[] };
  sort?: { options: Option[] };
  /** Further filters, each a choice of one. */
  selects?: { param: string; label: string; options: Option[] }[];
  /** How many rows there are: *5 tools*. */
  count: string;
  children?: ReactNode;
}

/** Above every list: search, filters, sort and count. All state is in the URL. */
export function ListToolbar({
  list,
  searchLabel,
  placeholder,
  forbidden,
  chips,
  sort,
  selects = [],
  count,
  children,
}: ListToolbarProps) {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const form = useFieldsFromUrl(params);
  const choices = [...selects, ...(sort ? [{ param: 'sort', label: 'Sort by', options: sort.options }] : [])];
  const shown = ['q', ...choices.map(({ param }) => param), 'cursor', 'after'];
  const hidden = list.fields(params).filter(([name]) => !shown.includes(name));
  /** Replaces the history entry: each letter navigates, and Back should leave the list. */
  const applyFields = (fields: HTMLFormElement) => {
    const texts = [...new FormData(fields)].map(([name, value]) => [name, String(value)]);
    navigate(list.href(new URLSearchParams(texts)), { replace: true, preventScrollReset: true });
  };
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <Form
        ref={form}
        method="get"
        role="search"
        className="flex min-w-0 flex-1 basis-full flex-wrap gap-2 sm:basis-64"
        onChange={({ currentTarget }) => {
          if (currentTarget.reportValidity()) applyFields(currentTarget);
        }}
        onSubmit={(event) => {
          event.preventDefault();
          applyFields(event.currentTarget);
        }}
      >
        {hidden.map(([name, value]) => (
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
            title={forbidden?.message}
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
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
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
                  to={list.href(params, { [chips.param]: value })}
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

/**
 * Resets the fields when a link such as *Clear filters* changes the URL; a field that was typed into would keep its
 * text. The focused field is left alone: it is ahead of the URL.
 */
function useFieldsFromUrl(params: URLSearchParams) {
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

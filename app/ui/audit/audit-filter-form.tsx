import { Form } from '@remix-run/react';
import { ListFilter } from 'lucide-react';
import { auditActions } from '~/audit/audit-actions';
import { MAX_EMAIL_LENGTH, MAX_KEY_FILTER_LENGTH, MAX_LOOKUP_LENGTH } from '~/core/limits';
import { Button, LinkButton } from '~/ui/button';
import { SelectField, TextField } from '~/ui/field';
import { actionLabel } from './audit-labels';
import { AUDIT_TRAIL } from './audit-params';
import type { AuditParams } from './read-audit-params.server';

interface AuditFilterFormProps {
  /** The page's URL parameters; fields show them as typed, valid or not. */
  params: URLSearchParams;
  errors: AuditParams['errors'];
}

/** Filters the trail. A plain GET form: its state is the page's URL. */
export function AuditFilterForm({ params, errors }: AuditFilterFormProps) {
  const field = (name: keyof AuditParams['errors']) => ({
    name,
    defaultValue: params.get(name) ?? '',
    error: errors[name],
  });
  const filtered = AUDIT_TRAIL.isFiltered(params);
  return (
    <details open={filtered} className="min-w-0 open:flex-1 open:basis-full">
      <summary className="plain-summary inline-flex min-h-9 items-center gap-1.5 rounded-md border border-line bg-surface px-3 text-sm font-medium shadow-raised hover:bg-sunken">
        <ListFilter aria-hidden className="size-4" /> Filters
      </summary>
      <Form method="get" role="search" aria-label="Audit entries" key={params.toString()} className="mt-3">
        <div className="grid items-start gap-3 sm:grid-cols-2 lg:grid-cols-3">
          <TextField
            label="Actor"
            placeholder="Email or user ID"
            maxLength={MAX_EMAIL_LENGTH}
            {...field('actor')}
          />
          <SelectField label="Action" {...field('action')}>
            <option value="">All actions</option>
            {auditActions.map((action) => (
              <option key={action} value={action}>
                {actionLabel(action)}
              </option>
            ))}
          </SelectField>
          <TextField
            label="Tool"
            placeholder="Slug, for example openai"
            maxLength={MAX_LOOKUP_LENGTH}
            {...field('tool')}
          />
          <TextField
            label="Key"
            placeholder="Prefix or ID, not the key itself"
            maxLength={MAX_KEY_FILTER_LENGTH}
            {...field('key')}
          />
          <TextField label="From (UTC)" type="datetime-local" {...field('from')} />
          <TextField label="To (UTC)" type="datetime-local" {...field('to')} />
        </div>
        <div className="mt-3 flex flex-wrap gap-2">
          <Button variant="primary">Filter</Button>
          {filtered ? (
            <LinkButton to={AUDIT_TRAIL.path} variant="quiet">
              Clear filters
            </LinkButton>
          ) : null}
        </div>
      </Form>
    </details>
  );
}

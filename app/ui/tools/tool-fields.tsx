import {
  MAX_HEADER_NAME_LENGTH,
  MAX_TOOL_NAME_LENGTH,
  MAX_URL_LENGTH,
  TOOL_SLUG_LENGTH,
} from '~/core/limits';
import { CheckField, SelectField, TextField } from '~/ui/field';
import type { Dialect } from '~db/schema/enums';
import type { ToolFormValues } from './tool-form-values';

export const DIALECT_LABELS: Record<Dialect, string> = {
  openai: 'OpenAI-compatible',
  anthropic: 'Anthropic',
  gemini: 'Google Gemini',
  generic: 'Other',
};

interface ToolFieldsProps {
  initial: ToolFormValues;
  error: { fields: Record<string, string>; values: Partial<ToolFormValues> } | undefined;
  /** False for the built-in tool. */
  hasUpstream: boolean;
  slugFixed: boolean;
}

/** The fields of the form that adds or edits a tool. The limits are folded away unless one has an error. */
export function ToolFields({ initial, error, hasUpstream, slugFixed }: ToolFieldsProps) {
  const values = { ...initial, ...error?.values };
  const errors = error?.fields ?? {};
  const props: FieldProps = {
    field: (name, errorName = name) => ({ name, defaultValue: values[name], error: errors[errorName] }),
    checkbox: (name) => ({ name, defaultChecked: values[name] === 'on' }),
  };
  const { field, checkbox } = props;
  const limitsOpen = ['headersTimeoutMs', 'maxConcurrentPerKey', 'maxConcurrent'].some(
    (name) => errors[name],
  );
  return (
    <>
      <TextField label="Name" {...field('displayName')} required maxLength={MAX_TOOL_NAME_LENGTH} />
      {slugFixed ? (
        <p className="text-sm text-muted">
          <input type="hidden" name="slug" value={values.slug} />
          The slug stays <span className="font-mono">{values.slug}</span>, because keys were already
          requested.
        </p>
      ) : (
        <TextField
          label="Slug"
          {...field('slug')}
          required
          maxLength={TOOL_SLUG_LENGTH.max}
          spellCheck={false}
          className="font-mono"
          hint="Part of the base URL, /gateway/<slug>. It can’t change after the first key request."
        />
      )}
      {hasUpstream ? <UpstreamFields {...props} /> : null}
      <CheckField
        label="Require approval for production keys"
        {...checkbox('requiresApproval')}
        hint="Development and staging keys are still issued immediately. Existing keys don’t change."
      />
      <Limits {...props} hasUpstream={hasUpstream} open={limitsOpen} />
    </>
  );
}

interface FieldProps {
  /** `errorName` is the API's name for a field that the form names differently. */
  field(
    name: keyof ToolFormValues,
    errorName?: string,
  ): { name: string; defaultValue: string; error: string | undefined };
  checkbox(name: keyof ToolFormValues): { name: string; defaultChecked: boolean };
}

function UpstreamFields({ field, checkbox }: FieldProps) {
  return (
    <>
      <TextField
        label="Upstream URL"
        {...field('upstreamUrl')}
        type="url"
        inputMode="url"
        required
        maxLength={MAX_URL_LENGTH}
        spellCheck={false}
        className="font-mono"
        placeholder="https://api.example.com"
        hint="Where calls to /gateway/<slug> are sent. Changing the host removes the credential."
      />
      <SelectField
        label="API format"
        {...field('dialect')}
        hint="Sets the credential’s header and the format of errors."
      >
        {Object.entries(DIALECT_LABELS).map(([dialect, label]) => (
          <option key={dialect} value={dialect}>
            {label}
          </option>
        ))}
      </SelectField>
      {/* Shown by CSS alone, so that it follows the API format without JavaScript. */}
      <div className="hidden group-has-[option[value=generic]:checked]:block">
        <TextField
          label="Credential header"
          {...field('credentialHeader')}
          maxLength={MAX_HEADER_NAME_LENGTH}
          spellCheck={false}
          className="font-mono"
          placeholder="x-api-key"
          hint="The request header that carries the credential, as its whole value."
        />
      </div>
      <CheckField
        label="Needs a credential"
        {...checkbox('needsCredential')}
        hint="Turn off for a self-hosted model without an API key."
      />
    </>
  );
}

interface LimitsProps extends FieldProps {
  hasUpstream: boolean;
  open: boolean;
}

function Limits({ field, checkbox, hasUpstream, open }: LimitsProps) {
  return (
    <details className="rounded-md border border-line px-3" open={open || undefined}>
      <summary className="py-2.5 text-sm font-medium">Limits and transport</summary>
      <div className="grid gap-5 pt-1 pb-4">
        {hasUpstream ? (
          <TextField
            label="Response timeout (seconds)"
            {...field('headersTimeoutSeconds', 'headersTimeoutMs')}
            inputMode="decimal"
            hint="Slower calls fail with 504. Streaming answers have no limit."
          />
        ) : null}
        <TextField
          label="Concurrent calls per key"
          {...field('maxConcurrentPerKey')}
          inputMode="numeric"
          hint="Further calls fail with 429. Leave empty for no limit."
        />
        <TextField label="Concurrent calls, total" {...field('maxConcurrent')} inputMode="numeric" />
        {hasUpstream ? (
          <CheckField
            label="Allow plain http to a public address"
            {...checkbox('allowsPlainHttp')}
            hint="Anyone on the network path can read the credential and every prompt."
          />
        ) : null}
      </div>
    </details>
  );
}

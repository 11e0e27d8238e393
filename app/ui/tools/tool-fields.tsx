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
  return (
    <>
      <TextField
        label="Name"
        name="displayName"
        required
        maxLength={MAX_TOOL_NAME_LENGTH}
        defaultValue={values.displayName}
        error={errors.displayName}
      />
      {slugFixed ? (
        <p className="text-sm text-muted">
          <input type="hidden" name="slug" value={values.slug} />
          The slug stays <span className="font-mono">{values.slug}</span>, because keys were already
          requested.
        </p>
      ) : (
        <TextField
          label="Slug"
          name="slug"
          required
          maxLength={TOOL_SLUG_LENGTH.max}
          defaultValue={values.slug}
          error={errors.slug}
          spellCheck={false}
          className="font-mono"
          hint="Part of the base URL, /gateway/<slug>. It can’t change after the first key request."
        />
      )}
      {hasUpstream ? <UpstreamFields values={values} errors={errors} /> : null}
      <CheckField
        label="Require approval for production keys"
        name="requiresApproval"
        defaultChecked={values.requiresApproval === 'on'}
        hint="Development and staging keys are still issued immediately. Existing keys don’t change."
      />
      <Limits values={values} errors={errors} hasUpstream={hasUpstream} />
    </>
  );
}

interface FieldsProps {
  values: ToolFormValues;
  errors: Record<string, string>;
}

function UpstreamFields({ values, errors }: FieldsProps) {
  return (
    <>
      <TextField
        label="Upstream URL"
        name="upstreamUrl"
        type="url"
        inputMode="url"
        required
        maxLength={MAX_URL_LENGTH}
        defaultValue={values.upstreamUrl}
        error={errors.upstreamUrl}
        spellCheck={false}
        className="font-mono"
        placeholder="https://api.example.com"
        hint="Where calls to /gateway/<slug> are sent. Changing the host removes the credential."
      />
      <SelectField
        label="API format"
        name="dialect"
        defaultValue={values.dialect}
        error={errors.dialect}
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
          name="credentialHeader"
          maxLength={MAX_HEADER_NAME_LENGTH}
          defaultValue={values.credentialHeader}
          error={errors.credentialHeader}
          spellCheck={false}
          className="font-mono"
          placeholder="x-api-key"
          hint="The request header that carries the credential, as its whole value."
        />
      </div>
      <CheckField
        label="Needs a credential"
        name="needsCredential"
        defaultChecked={values.needsCredential === 'on'}
        hint="Turn off for a self-hosted model without an API key."
      />
    </>
  );
}

function Limits({ values, errors, hasUpstream }: FieldsProps & { hasUpstream: boolean }) {
  const hasError = ['headersTimeoutMs', 'maxConcurrentPerKey', 'maxConcurrent'].some((name) => errors[name]);
  return (
    <details className="rounded-md border border-line px-3" open={hasError || undefined}>
      <summary className="py-2.5 text-sm font-medium">Limits and transport</summary>
      <div className="grid gap-5 pt-1 pb-4">
        {hasUpstream ? (
          <TextField
            label="Response timeout (seconds)"
            name="headersTimeoutSeconds"
            inputMode="decimal"
            defaultValue={values.headersTimeoutSeconds}
            error={errors.headersTimeoutMs}
            hint="Slower calls fail with 504. Streaming answers have no limit."
          />
        ) : null}
        <TextField
          label="Concurrent calls per key"
          name="maxConcurrentPerKey"
          inputMode="numeric"
          defaultValue={values.maxConcurrentPerKey}
          error={errors.maxConcurrentPerKey}
          hint="Further calls fail with 429. Leave empty for no limit."
        />
        <TextField
          label="Concurrent calls, total"
          name="maxConcurrent"
          inputMode="numeric"
          defaultValue={values.maxConcurrent}
          error={errors.maxConcurrent}
        />
        {hasUpstream ? (
          <CheckField
            label="Allow plain http to a public address"
            name="allowsPlainHttp"
            defaultChecked={values.allowsPlainHttp === 'on'}
            hint="Anyone on the network path can read the credential and every prompt."
          />
        ) : null}
      </div>
    </details>
  );
}

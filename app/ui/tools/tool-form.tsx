import { Form } from '@remix-run/react';
import {
  MAX_HEADER_NAME_LENGTH,
  MAX_TOOL_NAME_LENGTH,
  MAX_URL_LENGTH,
  TOOL_SLUG_LENGTH,
} from '~/core/limits';
import { Button, LinkButton } from '~/ui/button';
import { CheckField, SelectField, TextField } from '~/ui/field';
import { useFocusOnError, useSubmitting } from '~/ui/form';
import { FormError } from '~/ui/notice';
import type { ToolFormValues } from './tool-form-values';

interface ToolFormProps {
  /** What the fields hold at first. */
  initial: Required<ToolFormValues>;
  refused: { ok: false; message: string; fields: Record<string, string>; values: ToolFormValues } | undefined;
  /** False for the tool that the server answers itself. */
  hasUpstream: boolean;
  slugFixed: boolean;
  submitWords: string;
  backTo: string;
}

/** Adds or edits a tool. What is seldom touched is folded away, and unfolded when it is at fault. */
export function ToolForm({ initial, refused, hasUpstream, slugFixed, submitWords, backTo }: ToolFormProps) {
  const form = useFocusOnError(refused);
  const busy = useSubmitting();
  const values = { ...initial, ...refused?.values };
  const errors = refused?.fields ?? {};
  return (
    <Form ref={form} method="post" preventScrollReset noValidate className="group grid gap-5">
      <FormError result={refused} />
      <TextField
        label="Name"
        name="displayName"
        required
        maxLength={MAX_TOOL_NAME_LENGTH}
        defaultValue={values.displayName}
        error={errors.displayName}
      />
      {slugFixed ? null : (
        <TextField
          label="Slug"
          name="slug"
          required
          maxLength={TOOL_SLUG_LENGTH.max}
          defaultValue={values.slug}
          error={errors.slug}
          spellCheck={false}
          className="font-mono"
          hint="Part of the clients’ address, /gateway/<slug>. It cannot change once a key has been requested."
        />
      )}
      {hasUpstream ? <UpstreamFields values={values} errors={errors} /> : null}
      <Box
        label="Require approval for production keys"
        name="requiresApproval"
        ticked={values.requiresApproval}
        hint="Development and staging keys are issued at once all the same. Keys that exist stay as they are."
      />
      <Limits values={values} errors={errors} hasUpstream={hasUpstream} />
      <div className="flex flex-row-reverse justify-start gap-2">
        <Button variant="primary" busy={busy}>
          {submitWords}
        </Button>
        <LinkButton to={backTo} preventScrollReset variant="quiet">
          Cancel
        </LinkButton>
      </div>
    </Form>
  );
}

interface FieldsProps {
  values: Required<ToolFormValues>;
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
        hint="What /gateway/<slug> stands for. Changing the host removes the credential, which was set for this one."
      />
      <SelectField
        label="Dialect"
        name="dialect"
        defaultValue={values.dialect}
        error={errors.dialect}
        hint="How the API speaks: decides the credential’s header, and the shape of errors."
      >
        <option value="openai">OpenAI, and the many that follow it</option>
        <option value="anthropic">Anthropic</option>
        <option value="gemini">Google Gemini</option>
        <option value="generic">Generic: any other</option>
      </SelectField>
      {/* By style alone, so that it follows the dialect without JavaScript too. */}
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
          hint="The header that carries the credential to the upstream; the credential is its whole value."
        />
      </div>
      <Box
        label="Needs a credential"
        name="needsCredential"
        ticked={values.needsCredential}
        hint="Untick for a model of your own that asks for none."
      />
    </>
  );
}

function Limits({ values, errors, hasUpstream }: FieldsProps & { hasUpstream: boolean }) {
  const atFault = ['headersTimeoutMs', 'maxConcurrentPerKey', 'maxConcurrent'].some((name) => errors[name]);
  return (
    <details className="rounded-md border border-line px-3" open={atFault || undefined}>
      <summary className="py-2.5 text-sm font-medium">Limits and transport</summary>
      <div className="grid gap-5 pt-1 pb-4">
        {hasUpstream ? (
          <TextField
            label="Wait for an answer to begin (seconds)"
            name="headersTimeoutSeconds"
            inputMode="decimal"
            defaultValue={values.headersTimeoutSeconds}
            error={errors.headersTimeoutMs}
            hint="After that a call ends with 504. An answer that has begun may take as long as it likes."
          />
        ) : null}
        <TextField
          label="Concurrent calls per key"
          name="maxConcurrentPerKey"
          inputMode="numeric"
          defaultValue={values.maxConcurrentPerKey}
          error={errors.maxConcurrentPerKey}
          hint="Empty: no limit of this tool’s own. Over it, a call is answered 429."
        />
        <TextField
          label="Concurrent calls in all"
          name="maxConcurrent"
          inputMode="numeric"
          defaultValue={values.maxConcurrent}
          error={errors.maxConcurrent}
        />
        {hasUpstream ? (
          <Box
            label="Allow plain http to a public address"
            name="allowsPlainHttp"
            ticked={values.allowsPlainHttp}
            hint="The credential and every prompt could then be read on the way."
          />
        ) : null}
      </div>
    </details>
  );
}

interface BoxProps {
  label: string;
  name: string;
  ticked: string;
  hint: string;
}

/** A checkbox that also says that it was there: browsers leave an unticked one out of what they send. */
function Box({ label, name, ticked, hint }: BoxProps) {
  return (
    <div>
      <input type="hidden" name={`${name}-shown`} value="yes" />
      <CheckField label={label} name={name} defaultChecked={ticked === 'on'} hint={hint} />
    </div>
  );
}

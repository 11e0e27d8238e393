import { z } from 'zod';
import { type FormError, formError } from './call-from-route.server';
import { fieldErrors } from './errors.server';

interface FormInput<Schema extends z.ZodObject> {
  /** What was sent, for the procedure, which validates it. */
  input: z.input<Schema>;
  /** Text fields and checkboxes (`on` or empty) to show again in a rejected form. Secrets are empty. */
  values: Record<Extract<keyof Schema['shape'], string>, string>;
  /** For actions that need valid data before they call a procedure. */
  validate(): { ok: true; data: z.output<Schema> } | FormError;
}

/**
 * Reads a posted form by an object schema, usually (part of) a procedure's input. Strings are trimmed, and empty where
 * the form has no such field; booleans are checkboxes; arrays collect repeated fields. A field whose schema has
 * `.meta({ writeOnly: true })` is a secret: it is neither trimmed nor shown again.
 *
 * It doesn't validate by itself: a procedure checks the role first, so that a member who posts an invalid form to an
 * admin's page gets 403 and an audit entry instead of field errors.
 */
export async function readForm<Schema extends z.ZodObject>(
  request: Request,
  schema: Schema,
): Promise<FormInput<Schema>> {
  const form = await request.formData();
  const input: Record<string, unknown> = {};
  const values: Record<string, string> = {};
  for (const [name, field] of Object.entries(schema.shape)) {
    const isSecret = z.globalRegistry.get(field)?.writeOnly === true;
    const sent = form.getAll(name).filter((value) => typeof value === 'string');
    const texts = isSecret ? sent : sent.map((text) => text.trim());
    const text = texts[0] ?? '';
    values[name] = isSecret ? '' : text;
    input[name] = { array: texts, boolean: text === 'on', string: text }[kindOf(field)];
  }
  return {
    input: input as z.input<Schema>,
    values: values as FormInput<Schema>['values'],
    validate() {
      const parsed = schema.safeParse(input);
      return parsed.success
        ? { ok: true, data: parsed.data }
        : formError('invalid-input', fieldErrors(parsed.error));
    },
  };
}

type Kind = 'array' | 'boolean' | 'string';

/** What the form sends for a field, found below `optional()`, `preprocess()`, `pipe()` and the like. */
function kindOf(field: z.core.$ZodType): Kind {
  const { def } = field._zod;
  if (def.type === 'array' || def.type === 'boolean') return def.type;
  const { innerType, out } = def as { innerType?: z.core.$ZodType; out?: z.core.$ZodType };
  const inner = innerType ?? out;
  return inner === undefined ? 'string' : kindOf(inner);
}

/** What was sent and what is wrong with it. */
export interface SubmittedForm {
  fields: Partial<Record<string, string>>;
  values: Partial<Record<string, string>>;
}

/** A field's name, value and error, from the form that was refused. `initial` is its value before that. */
export const fieldProps = (refused: SubmittedForm | undefined, name: string, initial?: string) => ({
  name,
  defaultValue: refused?.values[name] ?? initial,
  error: refused?.fields[name],
});

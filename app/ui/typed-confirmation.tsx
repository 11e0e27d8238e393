import { TextField } from './field';

interface TypedConfirmationProps {
  /** What has to be typed, exactly. Null renders nothing. */
  expected: string | null;
  defaultValue?: string;
  error?: string;
}

/** *Type echo to confirm*: the field `confirmation`, which `confirmationError` checks on the server. */
export function TypedConfirmation({ expected, ...field }: TypedConfirmationProps) {
  if (expected === null) return null;
  return (
    <TextField
      label={
        <>
          Type <span className="font-mono">{expected}</span> to confirm
        </>
      }
      name="confirmation"
      required
      {...field}
    />
  );
}

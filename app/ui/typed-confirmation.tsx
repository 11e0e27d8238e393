import type { ReactNode } from 'react';
import { TextField } from './field';

interface TypedConfirmationProps {
  /** What has to be typed, exactly. Null renders nothing. */
  expected: string | null;
  /** Why it is asked for, for example *Used 2 days ago.* */
  note?: ReactNode;
  defaultValue?: string;
  error?: string;
}

/** *Type echo to confirm*: the field `confirmation`, which `confirmationError` checks on the server. */
export function TypedConfirmation({ expected, note, ...field }: TypedConfirmationProps) {
  if (expected === null) return null;
  return (
    <TextField
      label={
        <>
          {note ? <>{note} </> : null}Type <span className="font-mono">{expected}</span> to confirm
        </>
      }
      name="confirmation"
      required
      {...field}
    />
  );
}

import type { ComponentProps } from 'react';
import { PASSWORD_HINT } from '~/auth/password-rule';
import { TextField } from '~/ui/field';
import { fieldProps, type SubmittedForm } from '~/ui/field-props';
import type { FormResult } from '~/ui/notice';
import { AuthForm } from './auth-form';
import { PasswordField } from './password-field';

interface AccountFormProps extends Omit<ComponentProps<typeof AuthForm>, 'children' | 'result'> {
  /** What the action returned. */
  result: (FormResult & SubmittedForm) | undefined;
  /** The account's address if it is fixed; null asks for it. */
  email: string | null;
  /** Whether to ask for a name: not for an account that has one. */
  withName?: boolean;
  passwordLabel?: string;
}

/** Name, email and new password: to create the first admin, accept an invitation or reset a password. */
export function AccountForm({
  result,
  email,
  withName = true,
  passwordLabel = 'Password',
  ...rest
}: AccountFormProps) {
  return (
    <AuthForm result={result} {...rest}>
      <TextField
        label="Email"
        name="email"
        type="email"
        // Tells password managers whose password it is, even if the address is fixed.
        autoComplete="username"
        {...(email === null
          ? { required: true, defaultValue: result?.values.email }
          : { readOnly: true, value: email, className: 'read-only:bg-sunken read-only:text-muted' })}
        error={result?.fields.email}
      />
      {withName ? (
        <TextField label="Name" {...fieldProps(result, 'name')} autoComplete="name" required />
      ) : null}
      <PasswordField
        label={passwordLabel}
        name="password"
        autoComplete="new-password"
        required
        hint={PASSWORD_HINT}
        error={result?.fields.password}
      />
    </AuthForm>
  );
}

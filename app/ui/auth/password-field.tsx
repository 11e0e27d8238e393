import { type ComponentProps, useState } from 'react';
import { TextField } from '~/ui/field';
import { useHydrated } from '~/ui/use-hydrated';

type PasswordFieldProps = Omit<ComponentProps<typeof TextField>, 'type' | 'autoComplete'> & {
  autoComplete: 'current-password' | 'new-password';
};

/** A password, which can be looked at: typing it twice catches fewer slips and hinders password managers. */
export function PasswordField(props: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  const hydrated = useHydrated();
  return (
    <div className="grid gap-2">
      <TextField {...props} type={shown ? 'text' : 'password'} spellCheck={false} autoCapitalize="none" />
      {/* Without JavaScript it could do nothing; its place is kept so that nothing moves when it appears. */}
      <label
        className={`flex items-center gap-2 justify-self-start text-sm text-muted ${hydrated ? '' : 'invisible'}`}
      >
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.target.checked)} />
        Show characters
      </label>
    </div>
  );
}

import { type ComponentProps, useState } from 'react';
import { TextField } from '~/ui/field';
import { useHydrated } from '~/ui/use-hydrated';

type PasswordFieldProps = Omit<ComponentProps<typeof TextField>, 'type' | 'autoComplete'> & {
  autoComplete: 'current-password' | 'new-password';
};

/** A password that can be shown. Typing it twice instead catches fewer typos and confuses password managers. */
export function PasswordField(props: PasswordFieldProps) {
  const [isShown, setShown] = useState(false);
  const hydrated = useHydrated();
  return (
    <div className="grid gap-2">
      <TextField {...props} type={isShown ? 'text' : 'password'} spellCheck={false} autoCapitalize="none" />
      {/* Needs JavaScript. Invisible until then, so that the layout doesn't shift when it appears. */}
      <label
        className={`flex items-center gap-2 justify-self-start text-sm text-muted ${hydrated ? '' : 'invisible'}`}
      >
        <input type="checkbox" checked={isShown} onChange={(event) => setShown(event.target.checked)} />
        Show password
      </label>
    </div>
  );
}

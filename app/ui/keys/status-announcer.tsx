import { useEffect, useRef, useState } from 'react';
import type { KeyView } from '~/keys/keys.schema';
import { keyName } from './revoke-confirmation';

/** Announces to screen readers that a key's status changed while the page is open: its badge changes silently. */
export function StatusAnnouncer({ keys }: { keys: KeyView[] }) {
  const before = useRef(keys);
  const [message, setMessage] = useState('');
  useEffect(() => {
    const known = new Map(before.current.map(({ id, status }) => [id, status]));
    before.current = keys;
    const changed = keys.filter(({ id, status }) => (known.get(id) ?? status) !== status);
    if (changed.length > 0) setMessage(changed.map((key) => `${keyName(key)}: now ${key.status}.`).join(' '));
  }, [keys]);
  return (
    <p role="status" className="sr-only">
      {message}
    </p>
  );
}

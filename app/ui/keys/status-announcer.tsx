import { useEffect, useRef, useState } from 'react';
import type { KeyView } from '~/keys/keys.schema';
import { keyName } from './revoke-confirmation';

/**
 * Says aloud what has become of a key while its page stands open: an admin's decision, or one's own revoking,
 * changes the pill in silence.
 */
export function StatusAnnouncer({ keys }: { keys: KeyView[] }) {
  const before = useRef(keys);
  const [news, setNews] = useState('');
  useEffect(() => {
    const known = new Map(before.current.map(({ id, status }) => [id, status]));
    before.current = keys;
    const changed = keys.filter(({ id, status }) => (known.get(id) ?? status) !== status);
    if (changed.length > 0) setNews(changed.map((key) => `${keyName(key)}: now ${key.status}.`).join(' '));
  }, [keys]);
  return (
    <p role="status" className="sr-only">
      {news}
    </p>
  );
}

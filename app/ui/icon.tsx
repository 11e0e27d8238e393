import {
  Bot,
  ClipboardCheck,
  Ellipsis,
  KeyRound,
  LogOut,
  type LucideIcon,
  ScrollText,
  ShieldCheck,
  Trash2,
  UserRound,
  Users,
  Vault,
  Wrench,
} from 'lucide-react';

/** What the frame of every page and the rows of lists show over and over. */
const DRAWINGS = {
  account: UserRound,
  audit: ScrollText,
  key: KeyRound,
  keys: Vault,
  more: Ellipsis,
  people: Users,
  requests: ClipboardCheck,
  revoke: Trash2,
  'service-accounts': Bot,
  'set-up': ShieldCheck,
  'sign-out': LogOut,
  tools: Wrench,
} satisfies Record<string, LucideIcon>;

export type IconName = keyof typeof DRAWINGS;

/**
 * The drawings that `Icon` points to, once a page (`Navigation` brings them) and unseen. An icon drawn in full is a dozen attributes and
 * several elements: with one on each row and link, icons were a sixth of the time that a page took to render.
 */
export function IconSheet() {
  return (
    <svg aria-hidden className="hidden">
      {Object.entries(DRAWINGS).map(([name, Drawing]) => (
        <symbol key={name} id={`icon-${name}`} viewBox="0 0 24 24">
          <Drawing />
        </symbol>
      ))}
    </svg>
  );
}

/** One of the sheet's icons; for the eye only. */
export function Icon({ name, className = 'size-4' }: { name: IconName; className?: string }) {
  return (
    <svg aria-hidden className={className}>
      <use href={`#icon-${name}`} />
    </svg>
  );
}

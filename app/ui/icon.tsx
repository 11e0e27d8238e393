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

/** Icons that appear on every page or on every row of a list. */
const ICONS = {
  account: UserRound,
  audit: ScrollText,
  key: KeyRound,
  keys: Vault,
  more: Ellipsis,
  people: Users,
  requests: ClipboardCheck,
  revoke: Trash2,
  'service-accounts': Bot,
  setup: ShieldCheck,
  'sign-out': LogOut,
  tools: Wrench,
} satisfies Record<string, LucideIcon>;

export type IconName = keyof typeof ICONS;

/**
 * An invisible sprite that `Icon` refers to; `Navigation` renders it once per page. Drawing an icon in full on each row
 * took a sixth of a page's rendering time.
 */
export function IconSprite() {
  return (
    <svg aria-hidden className="hidden">
      {Object.entries(ICONS).map(([name, Drawn]) => (
        <symbol key={name} id={`icon-${name}`} viewBox="0 0 24 24">
          <Drawn />
        </symbol>
      ))}
    </svg>
  );
}

/** A decorative icon from the sprite. */
export function Icon({ name, className = 'size-4' }: { name: IconName; className?: string }) {
  return (
    <svg aria-hidden className={className}>
      <use href={`#icon-${name}`} />
    </svg>
  );
}

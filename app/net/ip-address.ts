/**
 * `private` includes RFC 1918, RFC 6598 and RFC 4193. `link-local` and `metadata` are separate because cloud machines
 * serve their credentials there. `reserved` includes 0.0.0.0, multicast and broadcast.
 */
export type AddressKind = 'loopback' | 'private' | 'link-local' | 'metadata' | 'reserved' | 'public';

/** Cloud metadata services that aren't at link-local addresses. */
const METADATA: ReadonlySet<string> = new Set(
  [
    '100.100.100.200', // Alibaba Cloud
    '168.63.129.16', // Azure
    'fd00:ec2::254', // AWS
    'fd20:ce::254', // Google Cloud
    'fd00:c1::a9fe:a9fe', // Oracle Cloud
    'fd00:42::42', // Scaleway
  ].map((text) => String(parseIpv4(text) ?? parseIpv6(text))),
);

/** Returns the kind of an IPv4 or IPv6 address (without brackets); null if it isn't an address. */
export function addressKind(text: string): AddressKind | null {
  const v4 = parseIpv4(text);
  if (v4 !== null) return ipv4Kind(v4);
  const v6 = parseIpv6(text);
  return v6 === null ? null : ipv6Kind(v6);
}

/** Returns the network that one client controls, for rate limits: an IPv4 address, or an IPv6 /64. */
export function networkOf(address: string): string {
  const groups = parseIpv4(address) === null ? parseIpv6(address) : null;
  if (groups === null || groups.slice(0, 5).every((group) => group === 0)) return address;
  return groups.slice(0, 4).join(':');
}

function ipv4Kind(address: Ipv4): AddressKind {
  const [a, b, c, d] = address;
  if (METADATA.has(String(address))) return 'metadata';
  if (a === 127) return 'loopback';
  if (a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168)) return 'private';
  if (a === 100 && b >= 64 && b <= 127) return 'private';
  if (a === 169 && b === 254) return 'link-local';
  if (a === 0 || a >= 224) return 'reserved';
  if (a === 192 && b === 0 && c === 0 && d !== 9 && d !== 10) return 'reserved';
  return 'public';
}

function ipv6Kind(groups: Ipv6): AddressKind {
  const [first] = groups;
  const embedded = embeddedIpv4(groups);
  if (embedded !== null) return ipv4Kind(embedded);
  if (METADATA.has(String(groups))) return 'metadata';
  if (groups.slice(0, 7).every((group) => group === 0)) return groups[7] === 1 ? 'loopback' : 'reserved';
  if (first >= 0xfc00 && first <= 0xfdff) return 'private';
  if (first >= 0xfe80 && first <= 0xfebf) return 'link-local';
  if (first >= 0xfec0 && first <= 0xfeff) return 'private'; // site-local, deprecated
  if (first >= 0xff00) return 'reserved';
  return 'public';
}

/** Returns the IPv4 address in a mapped, compatible, 6to4 or NAT64 address, which otherwise could hide it (SSRF). */
function embeddedIpv4(groups: Ipv6): Ipv4 | null {
  const startsWith = (...prefix: number[]) => prefix.every((group, index) => groups[index] === group);
  const isLast =
    startsWith(0, 0, 0, 0, 0, 0xffff) ||
    startsWith(0x64, 0xff9b, 0, 0, 0, 0) ||
    (startsWith(0, 0, 0, 0, 0, 0) && groups[6] !== 0);
  if (!isLast && groups[0] !== 0x2002) return null;
  const [high, low] = isLast ? [groups[6], groups[7]] : [groups[1], groups[2]];
  return [high >> 8, high & 255, low >> 8, low & 255];
}

type Ipv4 = [number, number, number, number];
type Ipv6 = [number, number, number, number, number, number, number, number];

function parseIpv4(text: string): Ipv4 | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null;
  const parts = text.split('.').map(Number);
  return parts.every((part) => part <= 255) ? (parts as Ipv4) : null;
}

function parseIpv6(text: string): Ipv6 | null {
  const [address = '', zone] = text.split('%');
  if (!/^[0-9a-f:.]+$/i.test(address) || !address.includes(':') || zone === '') return null;
  const halves = address.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = [parseGroups(halves[0] ?? ''), parseGroups(halves[1] ?? '')];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  return [...head, ...Array<number>(missing).fill(0), ...tail] as Ipv6;
}

/** Parses the groups between colons. The last may be an IPv4 address, which makes two. */
function parseGroups(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const v4 = index === parts.length - 1 ? parseIpv4(part) : null;
    if (v4 !== null) groups.push((v4[0] << 8) | v4[1], (v4[2] << 8) | v4[3]);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

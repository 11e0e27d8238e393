import { addressKind } from './ip-address';

/**
 * Whether the server's public address (`ORIGIN`) leads everybody to their own machine: then what is handed to
 * others, such as a link to join or the base URL of a tool, does not lead them here.
 */
export function isLoopbackOrigin(origin: string): boolean {
  const host = new URL(origin).hostname.replace(/^\[|\]$|\.$/g, '');
  return host === 'localhost' || host.endsWith('.localhost') || addressKind(host) === 'loopback';
}

import { addressKind } from './ip-address';

/** Whether the server's public address (`ORIGIN`) is loopback, so links to it only work on the same machine. */
export function isLoopbackOrigin(origin: string): boolean {
  const host = new URL(origin).hostname.replace(/^\[|\]$|\.$/g, '');
  return host === 'localhost' || host.endsWith('.localhost') || addressKind(host) === 'loopback';
}

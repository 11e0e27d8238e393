import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { newId } from '~/core/ids.server';

/**
 * Creates a function that returns a client's IP address. That is the socket's address, or behind trusted proxies the
 * last address in `X-Forwarded-For` that isn't one. Each proxy appends its client, so the list is read from its end;
 * the client could have written anything before the first untrusted address (spoofing).
 *
 * @param trusted addresses and networks of the proxies.
 */
export function createClientAddress(trusted: readonly string[]): (request: IncomingMessage) => string | null {
  const isProxy = createIsProxy(trusted);

  return ({ socket, headers }) => {
    let client = socket.remoteAddress === undefined ? null : unmapIpv4(socket.remoteAddress);
    if (client === null || trusted.length === 0) return client;
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    for (const hop of forwarded.reverse()) {
      const address = unmapIpv4(hop.trim());
      if (!isProxy(client) || isIP(address) === 0) return client;
      client = address;
    }
    return client;
  };
}

/** Request ids accepted from a proxy: safe in logs and on the audit trail. */
const REQUEST_ID = /^[\w.:=+/-]{8,100}$/;

/**
 * Creates a function that returns a request's id: `X-Request-Id` if a trusted proxy sent it, otherwise a new one. From
 * anyone else the header is ignored, so callers can't choose the id on the audit trail.
 *
 * @param trusted addresses and networks of the proxies.
 */
export function createRequestId(trusted: readonly string[]): (request: IncomingMessage) => string {
  if (trusted.length === 0) return () => newId('call');
  const isProxy = createIsProxy(trusted);
  return ({ socket, headers }) => {
    const header = headers['x-request-id'];
    const isTrusted =
      typeof header === 'string' &&
      REQUEST_ID.test(header) &&
      socket.remoteAddress !== undefined &&
      isProxy(unmapIpv4(socket.remoteAddress));
    return isTrusted ? header : newId('call');
  };
}

function createIsProxy(trusted: readonly string[]): (address: string) => boolean {
  const proxies = new BlockList();
  for (const network of trusted) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  return (address) => proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Returns the IPv4 address of an IPv4-mapped IPv6 address, others unchanged. */
const unmapIpv4 = (address: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;

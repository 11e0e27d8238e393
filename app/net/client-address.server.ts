import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { newId } from '~/core/ids.server';

/**
 * Finds the address of who makes a request: the one that connects, unless that is a reverse proxy named in
 * the settings. A proxy appends whom it saw to `X-Forwarded-For`, so the list is read from its end, for as
 * long as those who wrote it are trusted; what stands before that anybody may have made up.
 *
 * @param trusted addresses and networks of the proxies.
 */
export function createClientAddress(trusted: readonly string[]): (request: IncomingMessage) => string | null {
  const isProxy = createIsProxy(trusted);

  return ({ socket, headers }) => {
    let client = socket.remoteAddress === undefined ? null : plain(socket.remoteAddress);
    if (client === null || trusted.length === 0) return client;
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    for (const hop of forwarded.reverse()) {
      const address = plain(hop.trim());
      if (!isProxy(client) || isIP(address) === 0) return client;
      client = address;
    }
    return client;
  };
}

/** What a proxy may call a request: fit for logs and the audit trail. */
const REQUEST_ID = /^[\w.:=+/-]{8,100}$/;

/**
 * Finds the id that a trusted proxy in front has given a request (`X-Request-Id`), so that its log, ours and the
 * audit trail speak of the same one; makes one where there is none. Anybody else's is not believed.
 *
 * @param trusted addresses and networks of the proxies.
 */
export function createRequestId(trusted: readonly string[]): (request: IncomingMessage) => string {
  if (trusted.length === 0) return () => newId('call');
  const isProxy = createIsProxy(trusted);
  return ({ socket, headers }) => {
    const given = headers['x-request-id'];
    const believed =
      typeof given === 'string' &&
      REQUEST_ID.test(given) &&
      socket.remoteAddress !== undefined &&
      isProxy(plain(socket.remoteAddress));
    return believed ? given : newId('call');
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

/** An IPv4 address that came over an IPv6 socket, as IPv4. */
const plain = (address: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;

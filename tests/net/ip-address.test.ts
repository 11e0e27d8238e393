import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressKind } from '~/net/ip-address';

describe('an address', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['172.15.0.1', 'public'],
    ['172.16.0.1', 'private'],
    ['172.32.0.1', 'public'],
    ['100.128.0.1', 'public'],
    ['64:ff9b::a00:1', 'private'],
    ['fd12:3456::1', 'private'],
    ['fe80::1%eth0', 'link-local'],
    ['100.100.100.200', 'metadata'],
    ['100.100.100.201', 'private'],
    ['168.63.129.16', 'metadata'],
    ['::ffff:168.63.129.16', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['fd00:ec2::253', 'private'],
    ['fd20:ce::254', 'metadata'],
    ['::a9fe:a9fe', 'link-local'],
    ['::10.0.0.1', 'private'],
    ['2002:a9fe:a9fe::1', 'link-local'],
    ['2002:0808:0808::1', 'public'],
    ['fec0::1', 'private'],
    ['2606:4700::1111', 'public'],
    ['::', 'reserved'],
    ['224.0.0.1', 'reserved'],
    ['ff02::1', 'reserved'],
    ['1.2.3', null],
    ['1.2.3.256', null],
    ['1::2::3', null],
    ['example.com', null],
    ['', null],
  ])('%s is %s', (text, kind) => {
    expect(addressKind(text)).toBe(kind);
  });

  test('mapped from IPv4 into IPv6 has the same kind', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(addressKind(`::ffff:${address}`)).toBe(addressKind(address));
      }),
    );
  });

  test('in IPv6 notation is always recognized', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        expect(addressKind(address)).not.toBeNull();
      }),
    );
  });
});

import { BlockList, isIP } from 'node:net';

// IANA special-purpose registries (RFC 6890): everything that is not the public internet.
const ipv4: [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
// The prefixes of NAT64 (64:ff9b::/96), 6to4 (2002::/16), IPv4-compatible (::/96, with :: and ::1) and IPv4-translated addresses
// (::ffff:0:0:0/96) carry an IPv4 address that would escape the list above.
const ipv6: [string, number][] = [
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const blocked = new BlockList();
for (const [net, prefix] of ipv4) blocked.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of ipv6) blocked.addSubnet(net, prefix, 'ipv6');

/** Whether an IP address lies outside the public internet: private, loopback, link-local, reserved, or no address at all. */
export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  switch (isIP(plain)) {
    case 4:
      return blocked.check(plain, 'ipv4');
    case 6:
      // An IPv4-mapped address (::ffff:0:0/96) is compared with the IPv4 list by BlockList itself.
      return blocked.check(plain, 'ipv6');
    default:
      return true;
  }
}

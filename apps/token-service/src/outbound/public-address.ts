import ipaddr from 'ipaddr.js';

/** Addresses of hosts' own services that lie among the public ones. */
const OF_HOSTS = [ipaddr.parseCIDR('168.63.129.16/32')];
/** All that has been given out for the public internet, so far. */
const GLOBAL_V6 = ipaddr.parseCIDR('2000::/3');
/** Among it, and newer than the library's own list: documentation. */
const NOT_GLOBAL_V6 = [ipaddr.parseCIDR('3fff::/20')];

/**
 * True of an address that anyone on the internet could reach: plain unicast. Private, link-local (where clouds keep their
 * metadata), loopback, carrier's, and every form in which an IPv6 address holds an IPv4 one, are not.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text) || text.includes('%')) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  const isIn = (range: [ipaddr.IPv4 | ipaddr.IPv6, number]) =>
    range[0].kind() === address.kind() && address.match(range);
  if (address.kind() === 'ipv6' && !(isIn(GLOBAL_V6) && !NOT_GLOBAL_V6.some(isIn))) return false;
  return !OF_HOSTS.some(isIn);
}

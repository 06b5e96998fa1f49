/** How to check the configuration of a program before it is applied, by its command: as its manual page in Debian 12 has it. */
export const CONFIGURATION_CHECKS: ReadonlyMap<string, string> = new Map([
  ['nginx', 'sudo nginx -t'],
  ['haproxy', 'sudo haproxy -c -f /etc/haproxy/haproxy.cfg'],
  ['apache2', 'sudo apache2ctl configtest'],
  ['squid', 'sudo squid -k parse'],
  ['knotd', 'sudo knotc conf-check'],
  ['dnsdist', 'dnsdist --check-config'],
  ['named', 'named-checkconf'],
  ['unbound', 'unbound-checkconf'],
  ['nsd', 'nsd-checkconf /etc/nsd/nsd.conf'],
  ['lighttpd', 'sudo lighttpd -tt -f /etc/lighttpd/lighttpd.conf'],
])

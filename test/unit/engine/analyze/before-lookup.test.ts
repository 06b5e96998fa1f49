/** Parsing of IPVS services, and warnings about steps that were not checked. */
import { expect, test } from 'vitest'
import { ipvsServiceFor, warningsBefore } from '../../../../electron/engine/analyze/before-lookup.ts'
import type { NftPacket } from '../../../../electron/engine/analyze/nft-rules.ts'
import { addressBytes } from '../../../../electron/engine/common/addresses.ts'

const packet: NftPacket = {
  protocol: 'tcp',
  family: 'ipv4',
  local: addressBytes('192.168.0.1', 'ipv4'),
  remote: null,
  localPort: 80,
  remotePort: null,
  fromHere: false,
  interface: null,
}

// As ip_vs_info_seq_show() writes it (net/netfilter/ipvs/ip_vs_ctl.c).
const SERVICES = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  C0A80001:0050 rr
  -> C0A80002:0050      Masq    1      0          0
UDP  C0A80001:0035 rr
TCP  [2001:0db8:0000:0000:0000:0000:0000:0001]:0050 rr
`

test('a virtual service of IPVS is found by its protocol, address and port', () => {
  expect(ipvsServiceFor(SERVICES, packet)).toBe('TCP C0A80001:0050')
  expect(ipvsServiceFor(SERVICES, { ...packet, localPort: 53 })).toBeNull()
  expect(ipvsServiceFor(SERVICES, { ...packet, protocol: 'udp', localPort: 53 })).toBe('UDP C0A80001:0035')
  expect(ipvsServiceFor(SERVICES, { ...packet, local: addressBytes('192.168.0.2', 'ipv4') })).toBeNull()
  const v6 = { ...packet, family: 'ipv6', local: addressBytes('2001:db8::1', 'ipv6') } as const
  expect(ipvsServiceFor(SERVICES, v6)).toContain('TCP [2001')
  expect(ipvsServiceFor(`${SERVICES}FWM  00000001 rr\n`, { ...packet, localPort: 1 })).toBe('mark')
  expect(ipvsServiceFor('', packet)).toBeNull()
})

test('unchecked steps are named in one sentence, steps without effect are not', () => {
  expect(
    warningsBefore([
      { kind: 'nftables', state: 'not-allowed', detail: 'nftables rules (needs CAP_NET_ADMIN)' },
      { kind: 'iptables', state: 'unsupported', detail: 'iptables (legacy) has no tables here.' },
      { kind: 'ipvs', state: 'none', detail: 'IPVS has no virtual service for this destination.' },
      { kind: 'xdp', state: 'possible', detail: 'An XDP program sees the packet first.' },
      { kind: 'sk-lookup', state: 'failed', detail: 'sk_lookup programs (EIO)' },
    ]),
  ).toEqual([
    'An XDP program sees the packet first.',
    'Not checked, and may decide before the lookup: nftables rules (needs CAP_NET_ADMIN), sk_lookup programs (EIO).',
  ])
})

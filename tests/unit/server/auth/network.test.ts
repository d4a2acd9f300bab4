import { expect, it } from 'vitest'
import { networkOf } from '../../../../server/auth/network'
import { addressOf } from '../../../../server/auth/requests'

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['192.0.2.7:4711', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:207', '192.0.2.7'],
  ['[::ffff:192.0.2.7]:443', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['[2001:DB8:1:2::9]:443', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ['unknown', 'unknown'],
  ['', ''],
])('[CON-11] an address is counted by its network: %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

it('[CON-11] a whole /64 is one address, behind a proxy too', () => {
  const seen = new Set(Array.from({ length: 100 }, (_, n) => addressOf({ 'x-forwarded-for': `2001:db8:0:7::${n.toString(16)}` }, '127.0.0.1', true)))
  expect(seen.size).toBe(1)
  expect(addressOf({}, '::ffff:127.0.0.1', false)).toBe(addressOf({}, '127.0.0.1', false))
})

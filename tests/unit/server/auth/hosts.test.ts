import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { isHostAllowed } from '../../../../server/auth/hosts'

const none = { allowedHosts: new Set<string>(), trustProxy: false }

describe('names a server answers to: none that somebody else can have lead here', () => {
  const allowed = (host: string, options = none, more: { localAddress?: string, headers?: Record<string, string> } = {}) =>
    isHostAllowed({ headers: { host, ...more.headers }, localAddress: more.localAddress ?? '127.0.0.1' }, options)

  it('answers without configuration to addresses, to the machine\'s own names and to those of the local network', () => {
    for (const host of ['localhost', 'localhost:3000', '127.0.0.1:3000', '[::1]:3000', '192.168.1.7:3000', '[fe80::1]', 'nas.local:3000', 'chat.lan', 'chat.home.arpa', 'LOCALHOST', hostname()]) {
      expect(allowed(host), host).toBe(true)
    }
  })

  it('[CON-1] refuses other names on an address inside, where only a browser that was misled brings them', () => {
    for (const host of ['evil', 'evil.example', 'evil.example:3000', 'localhost.evil.example', '127.0.0.1.evil.example', 'local', 'evil.example@localhost', '', 'a b', 'evil.example/localhost']) {
      for (const localAddress of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '192.168.1.7', '10.1.2.3', 'fd00::1', 'fe80::1']) expect(allowed(host, none, { localAddress }), `${host} at ${localAddress}`).toBe(false)
    }
  })

  it('answers to any name at a public address, and through a trusted proxy', () => {
    expect(allowed('chat.example.org', none, { localAddress: '203.0.113.9' })).toBe(true)
    expect(allowed('chat.example.org', none, { localAddress: '2001:db8::9' })).toBe(true)
    const proxied = { headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-host': 'chat.example.org' } }
    expect(allowed('backend', { ...none, trustProxy: true }, proxied)).toBe(true)
    expect(allowed('backend', none, proxied)).toBe(false)
  })

  it('goes by the configured names alone, where there are any', () => {
    const options = { allowedHosts: new Set(['chat.example.org', '*.example.net']), trustProxy: true }
    for (const host of ['chat.example.org:8443', 'a.example.net', 'a.b.example.net', 'localhost', '10.0.0.1']) expect(allowed(host, options), host).toBe(true)
    for (const host of ['evil.example', 'example.net', 'chat.example.org.evil.example', 'evilexample.net']) expect(allowed(host, options, { headers: { 'x-forwarded-for': '1.2.3.4' }, localAddress: '203.0.113.9' }), host).toBe(false)
    expect(allowed('anything.example', { ...none, allowedHosts: new Set(['*']) })).toBe(true)
  })
})

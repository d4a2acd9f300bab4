import { describe, expect, test } from 'vitest'
import { assignedTransport, parsePolicy } from '../../../../server/rollout/policy'

const users = Array.from({ length: 5000 }, (_, i) => `user-${i}`)

function share(text: string, transport: string): number {
  const policy = parsePolicy(text)
  return users.filter(user => assignedTransport(policy, user) === transport).length / users.length * 100
}

describe('[FLAG-1] the transport policy', () => {
  test('is read from a name, or from shares before a default', () => {
    expect(parsePolicy('auto')).toEqual({ default: 'auto', rollout: { websocket: 0, sse: 0, polling: 0 } })
    expect(parsePolicy('')).toEqual(parsePolicy('auto'))
    expect(parsePolicy('polling').default).toBe('polling')
    expect(parsePolicy(' sse=20%, polling=2.5 , websocket')).toEqual({ default: 'websocket', rollout: { websocket: 0, sse: 20, polling: 2.5 } })
  })

  test.each(['sse=60,polling=50', 'carrier-pigeon', 'auto=5', 'sse=', 'sse=-5', 'sse=NaN'])('refuses %s', (text) => {
    expect(() => parsePolicy(text)).toThrow()
  })

  test('gives each transport its share of the users, within what chance allows', () => {
    expect(share('sse=20,polling=5,websocket=30,auto', 'sse')).toBeCloseTo(20, -1)
    expect(share('sse=20,polling=5,websocket=30,auto', 'polling')).toBeCloseTo(5, -1)
    expect(share('sse=20,polling=5,websocket=30,auto', 'websocket')).toBeCloseTo(30, -1)
    expect(share('sse=20,polling=5,websocket=30,auto', 'auto')).toBeCloseTo(45, -1)
    expect(share('sse=100', 'sse')).toBe(100)
    expect(share('polling=100', 'polling')).toBe(100)
    expect(share('sse=0,polling=0,auto', 'auto')).toBe(100)
  })

  test.each(['sse', 'polling'])('a growing share of %s moves nobody out of it', (transport) => {
    const small = parsePolicy(`${transport}=10,auto`)
    const large = parsePolicy(`${transport}=30,auto`)
    const members = users.filter(user => assignedTransport(small, user) === transport)
    expect(members.length).toBeGreaterThan(0)
    expect(members.every(user => assignedTransport(large, user) === transport)).toBe(true)
  })
})

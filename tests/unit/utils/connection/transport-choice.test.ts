import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asChoice, betterThan, chosen, climbDelay, judge, worseThan } from '../../../../utils/connection/transport-choice'

describe('transport-choice', () => {
  it('[FLAG-1] lets the address win over the tester, and the tester over the server', () => {
    expect(chosen({ query: 'sse', tester: 'polling', flag: 'websocket' })).toEqual({ choice: 'sse', by: 'query' })
    expect(chosen({ tester: 'polling', flag: 'websocket' })).toEqual({ choice: 'polling', by: 'tester' })
    expect(chosen({ flag: 'websocket' })).toEqual({ choice: 'websocket', by: 'flag' })
  })

  it.each([['sse', 'sse'], ['auto', 'auto'], ['SSE', undefined], ['', undefined], [null, undefined], ['webtransport', undefined]])('reads %j as %j', (value, choice) => {
    expect(asChoice(value)).toBe(choice)
  })

  it('[FLAG-1] goes down and up in one order', () => {
    expect([worseThan('websocket'), worseThan('sse'), worseThan('polling')]).toEqual(['sse', 'polling', undefined])
    expect(betterThan('polling', 'auto')).toEqual(['websocket', 'sse'])
    expect(betterThan('websocket', 'auto')).toEqual([])
    expect(betterThan('websocket', 'polling')).toEqual(['polling'])
    expect(betterThan('polling', 'polling')).toEqual([])
  })

  it('[FLAG-1] gives a transport up only when a try failed that began while HTTP was known to work', () => {
    expect(judge({ triedAt: 10 }, { code: 1006 })).toBe('ask')
    expect(judge({ triedAt: 10, httpAt: 11 }, { code: 1006 })).toBe('ask')
    expect(judge({ triedAt: 11, httpAt: 11 }, { code: 1006 })).toBe('fall')
  })

  it.each([1012, 4429])('[CON-7] takes no other transport when the server itself said %i', (code) => {
    expect(judge({ triedAt: 2, httpAt: 1 }, { code })).toBe('patience')
  })

  it('[FLAG-1] tries better transports after 10 s, then every 30 s, and rarely once they broke soon after', () => {
    const at = (misses: number, drops = 0) => climbDelay({ misses, drops }, () => 1)
    expect([at(0), at(1), at(2), at(9)]).toEqual([10_000, 20_000, 30_000, 30_000])
    expect([at(0, 1), at(0, 2), at(0, 9)]).toEqual([60_000, 120_000, 300_000])
  })

  it('never waits longer than the bound, nor less than four fifths of the plan', () => {
    fc.assert(fc.property(fc.nat(200), fc.nat(200), fc.double({ min: 0, max: 0.999, noNaN: true }), (misses, drops, random) => {
      const delay = climbDelay({ misses, drops }, () => random)
      expect(delay).toBeGreaterThanOrEqual(8_000)
      expect(delay).toBeLessThanOrEqual(300_000)
    }))
  })
})

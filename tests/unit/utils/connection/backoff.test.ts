import { describe, expect, it } from 'vitest'
import { createBackoff } from '../../../../utils/connection/backoff'

describe('backoff', () => {
  it('[CON-5] doubles its bound from 0.5 s up to 20 s', () => {
    const backoff = createBackoff({ random: () => 1 })
    expect(Array.from({ length: 8 }, () => backoff.next())).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000])
  })

  it('[CON-5] takes any delay below the bound', () => {
    expect(createBackoff({ random: () => 0 }).next()).toBe(0)
    expect(createBackoff({ random: () => 0.5 }).next()).toBe(250)
  })

  it('[CON-5] starts anew only after a connection that lived 10 s', () => {
    let time = 0
    const backoff = createBackoff({ random: () => 1, now: () => time })
    backoff.next()
    backoff.next()
    backoff.opened()
    time += 9_999
    backoff.closed()
    expect(backoff.next()).toBe(2000)
    backoff.opened()
    time += 10_000
    backoff.closed()
    expect(backoff.next()).toBe(500)
  })

  it('counts a connection that never opened as a failed try', () => {
    const backoff = createBackoff({ random: () => 1, now: () => 1e9 })
    backoff.next()
    backoff.closed()
    expect(backoff.next()).toBe(1000)
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { learnServerTime, serverNow, serverTimestamp } from '../../../../utils/connection/server-clock'
import { clockTime, dayName, relativeTime } from '../../../../utils/app/time'

const HOUR = 3_600_000

describe('one clock for everything said', () => {
  afterEach(() => learnServerTime(new Date().toISOString()))

  it.each([26, -26, 1, 0.5])('goes by the server\'s where this device is %i h off', (hours) => {
    const server = new Date(Date.now() - hours * HOUR)
    learnServerTime(server.toISOString())
    expect(Math.abs(serverNow() - server.getTime())).toBeLessThan(5_000)
    expect(Math.abs(Date.parse(serverTimestamp()) - server.getTime())).toBeLessThan(5_000)
    expect(dayName(server)).toBe(dayName(server, server))
    expect(relativeTime(server)).toBe(relativeTime(server, server.getTime()))
  })

  it('is this device\'s where they agree, and where nothing sensible is said', () => {
    learnServerTime(new Date(Date.now() + 500).toISOString())
    expect(Math.abs(serverNow() - Date.now())).toBeLessThan(100)
    learnServerTime('never')
    expect(Math.abs(serverNow() - Date.now())).toBeLessThan(100)
  })

  it('says the time of day in one form', () => {
    expect(clockTime('2026-01-01T17:47:00')).toBe(new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' }).format(new Date('2026-01-01T17:47:00')))
  })
})

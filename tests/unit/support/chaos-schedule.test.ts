import { describe, expect, it } from 'vitest'
import { createSchedule } from '../../support/chaos/schedule'

const options = { seed: 7, clients: 8, rooms: 2, durationMs: 60_000 }

describe('chaos schedule', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(createSchedule(options)).toEqual(createSchedule(options))
    expect(createSchedule({ ...options, seed: 8 })).not.toEqual(createSchedule(options))
  })

  it('has enough of everything in every minute, in order and in time', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const events = createSchedule({ ...options, seed })
      const times = events.map(event => event.at)
      expect(times).toEqual([...times].sort((a, b) => a - b))
      expect(times.at(-1)).toBeLessThanOrEqual(60_000)
      const counts = new Map<string, number>()
      for (const event of events) counts.set(event.do, (counts.get(event.do) ?? 0) + 1)
      for (const what of ['say', 'touch', 'clear', 'switch', 'reload', 'reenter', 'reset', 'abandon', 'fault', 'restart']) expect(counts.get(what), what).toBeGreaterThan(0)
      expect(counts.get('restart')).toBeGreaterThan(1)
    }
  })
})

import { expect, it } from 'vitest'
import { Lateness } from '../../../../../server/realtime/bus/lateness'

it('how late a message is goes by the fastest of late, whatever the two clocks show, and though they drift apart', () => {
  const lateness = new Lateness()
  const skew = 1e9
  for (let now = 0; now < 3_600_000; now += 1_000) {
    // An hour in which one clock loses a second every minute, and a message takes 1 to 3 ms.
    const drift = now / 60
    expect(lateness.note('a', now + skew - drift - 1 - now % 3, now)).toBeLessThan(2_100)
  }
  expect(lateness.note('a', 3_600_000 + skew - 60_000 - 10_000, 3_600_000)).toBeGreaterThan(7_900)
  // After a long silence too.
  expect(lateness.note('a', 3_610_000 + skew - 60_000, 3_900_000)).toBeGreaterThan(280_000)
})

/**
 * What one event costs, in microseconds of a processor, where events come alone and where many share a wake-up, a commit or a write to a
 * socket. `at` are the two rates a second at which that was measured.
 *
 * @typedef {{ few: number, many: number, at: [number, number] }} Cost
 */

/**
 * Microseconds a second that events of one kind take at a rate. Between the two rates measured, the cost of one falls as a power; beyond
 * them it stays: nothing is promised that was not measured.
 *
 * @param {Cost} cost
 * @param {number} rate events a second
 */
export function spent({ few, many, at: [from, to] }, rate) {
  if (rate <= from || many <= 0 || few <= 0) return rate * (rate <= from ? few : many)
  if (rate >= to) return rate * many
  return rate * few * (many / few) ** (Math.log(rate / from) / Math.log(to / from))
}

/** A cost that is the same at every rate. @param {number} us @returns {Cost} */
export const flat = us => ({ few: us, many: us, at: [1, 2] })

/**
 * What a node uses in a second, in microseconds.
 *
 * @param {Record<string, Cost>} costs
 * @param {{ said: number, heard: number, readers: { count: number, perSecond: number }[] }} talk messages a second said on it and told by others,
 * and how many read how much
 */
export function nodeSpent(costs, { said, heard, readers }) {
  return costs.idle.few + spent(costs.said, said) + spent(costs.heard, heard)
    + readers.reduce((sum, { count, perSecond }) => sum + count * spent(costs.write, perSecond), 0)
}

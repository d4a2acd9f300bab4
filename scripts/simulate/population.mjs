/**
 * Who is there, and what they do. None of these is measured: they are the assumptions, and change them where you know better.
 */
export const ASSUMED = {
  /** Sizes of rooms are lognormal: half have up to six people, one in a hundred more than 98. */
  medianRoom: 6,
  sigma: 1.2,
  largestRoom: 5000,
  /** From how many connections on there is one room of so many. */
  huge: { members: 100_000, from: 1_000_000 },
  /** One says so much a second in a small room; however many there are, nobody reads more than the bound. */
  saidEach: 1 / 60,
  roomBound: 5,
  /** How long one stays. */
  visitS: 1200,
  pingS: 25,
}

const CLASSES = 40

/** The standard normal distribution's quantile (Acklam's approximation, relative error below 1.2e-9). @param {number} p */
function normal(p) {
  const a = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239]
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572]
  const c = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783]
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416]
  const series = (list, x) => list.reduce((sum, k) => sum * x + k, 0)
  if (p > 0.97575) return -normal(1 - p)
  const q = p < 0.02425 ? Math.sqrt(-2 * Math.log(p)) : p - 0.5
  return p < 0.02425 ? series(c, q) / (series(d, q) * q + 1) : series(a, q * q) * q / (series(b, q * q) * q * q + 1)
}

/**
 * The rooms of so many connections, in classes of like size.
 *
 * @param {number} connections
 * @returns {{ count: number, members: number, perSecond: number }[]} with how many messages a second each room has
 */
export function roomsOf(connections) {
  const { medianRoom, sigma, largestRoom, huge, saidEach, roomBound } = ASSUMED
  const hasHuge = connections >= huge.from
  // Shares of rooms, finer where rooms are large.
  const shares = Array.from({ length: CLASSES }, (_, n) => 1 - (1 - n / CLASSES) ** 3)
  const classes = shares.map((from, n) => {
    const to = shares[n + 1] ?? 1
    return { share: to - from, members: Math.max(1, Math.min(largestRoom, Math.exp(Math.log(medianRoom) + sigma * normal((from + to) / 2)))) }
  })
  const mean = classes.reduce((sum, { share, members }) => sum + share * members, 0)
  const count = (connections - (hasHuge ? huge.members : 0)) / mean
  const all = classes.map(({ share, members }) => ({ count: count * share, members }))
  if (hasHuge) all.push({ count: 1, members: huge.members })
  return all.map(room => ({ ...room, perSecond: Math.min(room.members * saidEach, roomBound) }))
}

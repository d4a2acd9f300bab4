/** How much larger the larger input is. What is linear takes this many times as long, what is quadratic its square. */
const TIMES = 4
const TRIES = 5
/** Below this the clock and the collector are what is measured, in milliseconds. */
const TOO_SHORT_MS = 5

/** Milliseconds of the processor that some work takes at best: whatever else the machine does hardly shows in it. */
async function best(work: () => unknown): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < TRIES; n++) {
    const before = process.cpuUsage()
    await work()
    times.push(process.cpuUsage(before).user / 1000)
  }
  return Math.min(...times)
}

/**
 * How the cost of some work grows with its input: the exponent k where it grows like n^k, about 1 for linear and 2 for
 * quadratic work; 0 where it is too short to say.
 *
 * @param work does it for an input of `size`, or makes what does
 * @param size of the smaller input
 */
export async function growth(work: (size: number) => unknown, size: number): Promise<number> {
  const large = await best(() => work(size * TIMES))
  if (large < TOO_SHORT_MS) return 0
  const small = Math.max(await best(() => work(size)), TOO_SHORT_MS / TIMES)
  return Math.log(large / small) / Math.log(TIMES)
}

import { expect, test } from 'vitest'
import { runChaos } from '../support/chaos/run'

const DURATION_MS = 30_000

test('[MANY-1] [MANY-2] [LOG-2] [LOG-4] eight clients in a storm before two nodes, which are killed in turn, and Redis too: nothing is lost, doubled or out of order', { timeout: DURATION_MS + 240_000 }, async () => {
  const { violations, counts, convergedMs, timeline } = await runChaos(Number(process.env.CHAOS_SEED ?? 7), DURATION_MS, { many: true })
  console.log(`${Object.entries(counts).map(([what, count]) => `${what} ${count}`).join(', ')}; equal ${convergedMs} ms after the last fault`)
  if (violations.length > 0) console.log(timeline.join('\n'))
  expect(violations).toEqual([])
  expect(counts.acked ?? 0).toBeGreaterThanOrEqual(100)
  expect(counts.restart ?? 0).toBeGreaterThan(0)
})

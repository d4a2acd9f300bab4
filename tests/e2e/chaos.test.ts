import { describe, expect, test } from 'vitest'
import { runChaos } from '../support/chaos/run'

const SEEDS = process.env.CHAOS_SEED ? [Number(process.env.CHAOS_SEED)] : [1, 2, 3, 4, 5]
const DURATION_MS = Number(process.env.CHAOS_MINUTES ?? 1) * 60_000

/** What must have happened often enough for a run to prove something. */
const AT_LEAST = { say: 300, acked: 250, switched: 5, reset: 10, reload: 5, fault: 20, abandon: 5, websocket: 30, sse: 30, polling: 30 }

describe.concurrent('eight clients in a storm', () => {
  test.each(SEEDS)('[RES-7] [LOG-2] [LOG-4] [FLAG-2] seed %i: nothing is lost, doubled or out of order, and all end equal', { timeout: DURATION_MS + 240_000 }, async (seed) => {
    const { violations, counts, convergedMs, timeline } = await runChaos(seed, DURATION_MS)
    console.log(`seed ${seed}: ${Object.entries(counts).map(([what, count]) => `${what} ${count}`).join(', ')}; equal ${convergedMs} ms after the last fault`)
    if (violations.length > 0) console.log(`npm run chaos -- --seed ${seed} --minutes ${DURATION_MS / 60_000}\n${timeline.join('\n')}`)
    expect(violations).toEqual([])
    for (const [what, least] of Object.entries(AT_LEAST)) expect(counts[what] ?? 0, what).toBeGreaterThanOrEqual(least * DURATION_MS / 60_000)
    expect(counts.restart ?? 0).toBeGreaterThan(0)
  })
})

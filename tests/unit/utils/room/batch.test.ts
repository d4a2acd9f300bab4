import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createBatch } from '../../../../utils/room/batch'

describe('batch', () => {
  const batches: number[][] = []
  const batch = (isWorthIt?: () => boolean) => createBatch<number>({ apply: items => batches.push([...items]), everyMs: 50, isWorthIt })

  beforeEach(() => {
    vi.useFakeTimers()
    batches.length = 0
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('gives what comes alone at once, and what comes in quick succession together, in order', async () => {
    const { push } = batch()
    for (const n of [1, 2, 3]) push([n])
    push([4, 5])
    expect(batches).toEqual([[1]])
    await vi.advanceTimersByTimeAsync(50)
    expect(batches).toEqual([[1], [2, 3, 4, 5]])
    await vi.advanceTimersByTimeAsync(50)
    push([6])
    expect(batches).toEqual([[1], [2, 3, 4, 5], [6]])
  })

  it('lets nothing wait longer than one interval, however much comes', async () => {
    const { push } = batch()
    for (let n = 0; n < 20; n++) {
      push([n])
      await vi.advanceTimersByTimeAsync(10)
    }
    await vi.advanceTimersByTimeAsync(50)
    expect(batches.flat()).toEqual(Array.from({ length: 20 }, (_, n) => n))
    expect(Math.max(...batches.map(items => items.length))).toBeLessThanOrEqual(5)
  })

  it('gives what waits when asked to, once, and forgets it when told to', async () => {
    const { push, flush, clear } = batch()
    for (const n of [1, 2]) push([n])
    flush()
    expect(batches).toEqual([[1], [2]])
    push([3])
    clear()
    await vi.advanceTimersByTimeAsync(100)
    expect(batches).toEqual([[1], [2]])
  })

  it('gathers nothing where it is not worth it', () => {
    const { push } = batch(() => false)
    for (const n of [1, 2]) push([n])
    expect(batches).toEqual([[1], [2]])
  })
})

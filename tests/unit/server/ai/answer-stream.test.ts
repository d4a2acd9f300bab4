import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { AnswerStream } from '../../../../server/ai/answer-stream'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('[AI-1] the first words go out at once, and from then on one delta in 16 ms', () => {
  const deltas: { at: number, n: number, text: string }[] = []
  const stream = new AnswerStream({ id: 's', room: 'r', bot: 'host', userId: 'u', onDelta: ({ n, text }) => deltas.push({ at: performance.now(), n, text }) })
  const began = performance.now()
  for (let ms = 0; ms < 64; ms++) {
    stream.push(`${ms} `)
    vi.advanceTimersByTime(1)
  }
  stream.flush()
  expect(deltas.map(({ at }) => at - began).slice(0, -1)).toEqual([0, 16, 32, 48])
  expect(deltas.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5])
  expect(deltas.map(({ text }) => text).join('')).toBe(Array.from({ length: 64 }, (_, ms) => `${ms} `).join(''))
})

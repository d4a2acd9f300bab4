import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from '../../../../../server/realtime/transports/batch'

const frame = (n: number, bytes = 8) => Buffer.alloc(bytes, n)

describe('the bytes of one tick', () => {
  it('are those of its frames in order, whatever went to the connection before', () => {
    const pool = Array.from({ length: 12 }, (_, n) => frame(n))
    fc.assert(fc.property(fc.array(fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 12 }), { maxLength: 20 }), (ticks) => {
      const batch = new Batch()
      for (const frames of ticks) {
        const { shared, own } = batch.put(frames)
        expect(own ? Buffer.concat([shared, own]) : shared).toEqual(Buffer.concat(frames))
      }
    }))
  })

  it('are shared by members of a room, and those who get more share the beginning', () => {
    const batch = new Batch()
    const common = [frame(1), frame(2), frame(3)]
    const whole = batch.put([...common, frame(4)])
    const longer = batch.put([...common, frame(5)])
    const shorter = batch.put(common)
    expect([longer, shorter].map(({ shared }) => [shared.buffer === whole.shared.buffer, shared.byteOffset])).toEqual([[true, whole.shared.byteOffset], [true, whole.shared.byteOffset]])
    expect([whole.own, longer.own, shorter.own]).toEqual([undefined, frame(5), undefined])
  })

  it('are not kept when they are many', () => {
    const batch = new Batch()
    const large = [frame(1, 600_000), frame(2, 600_000)]
    expect(batch.put(large).shared === batch.put(large).shared).toBe(false)
  })
})

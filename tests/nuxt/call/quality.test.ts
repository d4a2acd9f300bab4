import { describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref, shallowRef } from 'vue'
import { useSendQuality } from '~/composables/call/useSendQuality'
import { budgetFor } from '~/utils/call/budget'
import type { LinkStats } from '~/utils/call/stats'

const reading = (busy: number): ReadonlyMap<string, LinkStats> => new Map([['b', { totals: new Map(), streams: [{ slot: 'cam', direction: 'out', busy }] }]])

function setup() {
  vi.useFakeTimers({ toFake: ['performance'] })
  const people = ref(1)
  const stats = shallowRef<ReadonlyMap<string, LinkStats>>(new Map())
  const scope = effectScope()
  const quality = scope.run(() => useSendQuality({ people, stats }))!
  return {
    people,
    quality,
    async read(busy: number, times: number) {
      for (let n = 0; n < times; n++) {
        vi.advanceTimersByTime(2_000)
        stats.value = reading(busy)
        await nextTick()
      }
    },
    end() {
      scope.stop()
      vi.useRealTimers()
    },
  }
}

describe('useSendQuality', () => {
  it('[B8] follows people as they come and go', async () => {
    const { people, quality, end } = setup()
    for (const count of [2, 3, 6, 3, 2]) {
      people.value = count
      expect(quality.value).toMatchObject({ people: count, lowered: 0, budget: budgetFor(count) })
    }
    end()
  })

  it('[B8] goes below that while the computer does not keep up, back when it does, and forgets it alone', async () => {
    const { people, quality, read, end } = setup()
    people.value = 3
    await nextTick()
    await read(1, 2)
    expect(quality.value).toMatchObject({ lowered: 1, budget: budgetFor(3, 1) })
    people.value = 2
    expect(quality.value.budget).toBe(budgetFor(2, 1))
    await read(0.1, 12)
    expect(quality.value).toMatchObject({ lowered: 0, budget: budgetFor(2) })
    await read(1, 2)
    people.value = 1
    await nextTick()
    people.value = 2
    expect(quality.value.lowered).toBe(0)
    end()
  })

  it('[B8] listens to the browser\'s word on the whole computer only in a call', async () => {
    const observed: string[] = []
    let report: (records: { state: string }[]) => void = () => undefined
    vi.stubGlobal('PressureObserver', class {
      constructor(callback: typeof report) {
        report = callback
      }

      observe = async (source: string) => void observed.push(source)
      disconnect = () => void observed.push('end')
    })
    const { people, quality, read, end } = setup()
    expect(observed).toEqual([])
    people.value = 2
    await nextTick()
    expect(observed).toEqual(['cpu'])
    await read(0.5, 5)
    expect(quality.value.lowered).toBe(0)
    report([{ state: 'critical' }])
    await read(0.5, 2)
    expect(quality.value.lowered).toBe(1)
    people.value = 1
    await nextTick()
    expect(observed).toEqual(['cpu', 'end'])
    end()
    vi.unstubAllGlobals()
  })
})

import { describe, expect, it } from 'vitest'
import { budgetFor, MESH_LIMIT, rungsBelow } from '../../../../utils/call/budget'
import { loadOf } from '../../../../utils/call/load'
import type { Load } from '../../../../utils/call/load'
import { createLowering, LOWERING } from '../../../../utils/call/lowering'
import { readStats } from '../../../../utils/call/stats'
import type { LinkStats, StreamStats } from '../../../../utils/call/stats'
import { SLOTS } from '../../../../utils/call/types'

const CORES = 4
const link = (...streams: Partial<StreamStats>[]): LinkStats => ({ totals: new Map(), streams: streams.map(stream => ({ slot: 'cam', direction: 'out', ...stream })) })

describe('[B8] what is sent in a call', () => {
  it('falls with every person and with every step a busy computer takes, and never rises', () => {
    for (const key of ['camera', 'height', 'fps', 'screen', 'screenFps'] as const) {
      const byPeople = [2, 3, 4, 5, MESH_LIMIT].map(people => budgetFor(people)[key])
      const bySteps = [0, 1, 2, 3, 4, 5, 6].map(steps => budgetFor(2, steps)[key])
      for (const values of [byPeople, bySteps]) expect(values).toEqual(values.toSorted((a, b) => b - a))
    }
    expect(budgetFor(MESH_LIMIT, 1).camera).toBeLessThan(budgetFor(MESH_LIMIT).camera)
  })

  it('asks all the encoders of a call together for less, the more of them there are', () => {
    const pixels = [2, 3, 4, 5, MESH_LIMIT].map((people) => {
      const { height, fps } = budgetFor(people)
      return (people - 1) * height * height * 16 / 9 * fps
    })
    expect(pixels).toEqual(pixels.toSorted((a, b) => b - a))
  })

  it('has rungs left for a busy computer in a full call, and an end', () => {
    expect([2, 3, MESH_LIMIT].map(rungsBelow)).toEqual([6, 5, 2])
    expect(budgetFor(MESH_LIMIT, 99)).toBe(budgetFor(2, rungsBelow(2)))
  })
})

describe('[B8] the load of a call', () => {
  const of = (...links: LinkStats[]) => loadOf(links, CORES)

  it.each<[string, Partial<StreamStats>, Load]>([
    ['an encoder with time to spare', { busy: 0.2 }, 'easy'],
    ['an encoder that is half busy', { busy: 0.5 }, 'tight'],
    ['an encoder that hardly keeps up', { busy: 0.85 }, 'over'],
    ['a browser that holds the picture back for the processor', { busy: 0.3, held: 0.6 }, 'over'],
    ['a browser that did so for a moment', { busy: 0.3, held: 0.1 }, 'tight'],
    ['a decoder that hardly keeps up', { direction: 'in', busy: 0.9 }, 'over'],
    ['pictures that are not shown, as in a page in the background', { direction: 'in', busy: 0.1, dropped: 1 }, 'tight'],
    ['a screen that takes the whole encoder', { slot: 'screen', busy: 1 }, 'over'],
  ])('is read from %s', (_, stream, load) => expect(of(link(stream))).toBe(load))

  it('adds up over all links, for all processors', () => {
    const five = Array.from({ length: 5 }, () => link({ busy: 0.35 }, { direction: 'in', busy: 0.35 }))
    expect([loadOf(five, 4), loadOf(five, 8), loadOf(five, 16)]).toEqual(['over', 'tight', 'easy'])
  })

  it('takes the word of the system only together with a sign of the call\'s own', () => {
    expect(loadOf([link({ busy: 0.2 })], CORES, 'critical')).toBe('easy')
    expect(loadOf([link({ busy: 0.5 })], CORES, 'serious')).toBe('tight')
    expect(loadOf([link({ busy: 0.5 })], CORES, 'critical')).toBe('over')
  })

  it('is unknown without video', () => {
    expect(of()).toBeUndefined()
    expect(of(link({ slot: 'mic', busy: 1 }))).toBeUndefined()
    expect(of(link({}))).toBeUndefined()
  })
})

describe('[B8] readings', () => {
  const slotOf = (mid: string) => SLOTS[Number(mid)]
  const report = (at: number, sent: Record<string, unknown>, received: Record<string, unknown> = {}) => new Map(Object.entries({
    O: { type: 'outbound-rtp', mid: '1', timestamp: at, bytesSent: at, ...sent },
    I: { type: 'inbound-rtp', mid: '1', timestamp: at, bytesReceived: at, ...received },
  }))
  const between = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>) => readStats(after, slotOf, readStats(before, slotOf)).streams

  it('take shares of the time since the one before', () => {
    const [sent, received] = between(
      report(1_000, { totalEncodeTime: 3, qualityLimitationDurations: { cpu: 1, bandwidth: 9 } }, { totalDecodeTime: 1, framesReceived: 100, framesDropped: 5 }),
      report(3_000, { totalEncodeTime: 4.5, qualityLimitationDurations: { cpu: 2, bandwidth: 9 } }, { totalDecodeTime: 1.2, framesReceived: 140, framesDropped: 15 }),
    )
    expect(sent).toMatchObject({ direction: 'out', busy: 0.75, held: 0.5 })
    expect(received?.busy).toBeCloseTo(0.1)
    expect(received?.dropped).toBe(0.25)
  })

  it('do not take a hardware codec\'s latency for work', () => {
    const [sent] = between(report(1_000, { totalEncodeTime: 3, powerEfficientEncoder: true }), report(3_000, { totalEncodeTime: 5, powerEfficientEncoder: true }))
    expect(sent?.busy).toBeUndefined()
  })

  it('take the reason where a browser has no durations', () => {
    const [sent] = between(report(1_000, {}), report(3_000, { qualityLimitationReason: 'cpu' }))
    expect(sent?.held).toBe(1)
  })
})

describe('[B8] lowering what is sent', () => {
  const READING = 2_000
  /** Feeds readings and tells the steps after each. */
  function feeder(most = 6) {
    const lowering = createLowering()
    let at = 0
    return {
      feed: (load: Load | undefined, times = 1) => Array.from({ length: times }, () => lowering.note(load, at += READING, most)),
      /** How many readings it takes to go up. */
      untilUp() {
        const before = lowering.steps
        for (let readings = 1; readings < 1_000; readings++) if (lowering.note('easy', at += READING, most) < before) return readings * READING
        return Number.POSITIVE_INFINITY
      },
      untilDown() {
        const before = lowering.steps
        for (let readings = 1; readings < 1_000; readings++) if (lowering.note('over', at += READING, most) > before) return readings * READING
        return Number.POSITIVE_INFINITY
      },
    }
  }

  it('leaves a single reading alone', () => {
    expect(feeder().feed('over')).toEqual([0])
    const { feed } = feeder()
    expect(['over', 'easy', 'over', 'tight', 'over'].flatMap(load => feed(load as Load))).toEqual([0, 0, 0, 0, 0])
  })

  it('goes down within 4 s, and on until it is enough, but not past the end', () => {
    const one = feeder(2)
    expect(one.untilDown()).toBe(4_000)
    expect(one.untilDown()).toBeLessThanOrEqual(LOWERING.settle + READING)
    expect(one.feed('over', 20).at(-1)).toBe(2)
  })

  it('goes up slowly, a step at a time, and only while it is easy', () => {
    const one = feeder()
    one.untilDown()
    one.untilDown()
    expect(one.feed('tight', 100).at(-1)).toBe(2)
    expect(one.untilUp()).toBeGreaterThanOrEqual(LOWERING.calm)
    expect(one.feed('easy', 5).at(-1)).toBe(1)
    one.feed('tight')
    expect(one.untilUp()).toBeGreaterThanOrEqual(LOWERING.calm)
  })

  it('waits twice as long each time it went up too early, and forgets that when it lasts', () => {
    const one = feeder()
    one.untilDown()
    const waits = Array.from({ length: 7 }, () => {
      const wait = one.untilUp()
      one.untilDown()
      return wait
    })
    expect(waits.slice(1, 4).every((wait, index) => wait >= 1.8 * (waits[index] ?? 0))).toBe(true)
    expect(Math.max(...waits)).toBeLessThanOrEqual(LOWERING.calmMax + READING)
    one.untilUp()
    one.feed('easy', LOWERING.relapse / READING + 1)
    one.untilDown()
    expect(one.untilUp()).toBeLessThanOrEqual(LOWERING.calm + READING)
  })

  it('keeps what it knows while nothing is measured', () => {
    const one = feeder()
    one.untilDown()
    expect(one.feed(undefined, 50).at(-1)).toBe(1)
  })
})

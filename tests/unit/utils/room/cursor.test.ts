import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EntryFrame } from '#shared/protocol/frames'
import type { CursorEffect, CursorEvent, CursorState } from '../../../../utils/room/cursor'
import { advance, joinFrom, newCursor } from '../../../../utils/room/cursor'

const EPOCH = 'e1'

function message(seq: number): EntryFrame {
  return {
    type: 'message.new', room: 'r', seq, messageId: `m${seq}`, userId: 'u', userName: 'U', timestamp: '2026-01-01T00:00:00.000Z', metadata: {},
    content: { text: String(seq), type: 'user', actor_type: 'client', format: 'plain' },
  }
}

function clear(seq: number): EntryFrame {
  return { type: 'clear', room: 'r', seq, userId: 'u', timestamp: '2026-01-01T00:00:00.000Z', floor_seq: seq - 1 }
}

/** Runs events and collects what would be on the screen. */
function run(events: CursorEvent[], start: CursorState = newCursor()) {
  let state = start
  let shown: number[] = []
  const effects: CursorEffect[] = []
  for (const event of events) {
    const [next, out] = advance(state, event)
    state = next
    for (const effect of out) {
      effects.push(effect)
      if (effect.type === 'snapshot') shown = effect.entries.map(entry => entry.seq)
      if (effect.type === 'apply') shown.push(...effect.entries.map(entry => entry.seq))
      if (effect.type === 'floor') shown = shown.filter(seq => seq > effect.seq)
    }
  }
  return { state, shown, effects, fetches: effects.filter(effect => effect.type === 'fetch') }
}

const entry = (seq: number): CursorEvent => ({ type: 'entry', entry: message(seq) })
const fresh = (head: number, seqs: number[]): CursorEvent[] => [
  { type: 'joining' }, { type: 'state', epoch: EPOCH, head, floor: 0 }, ...seqs.map(entry), { type: 'replay-end', from: 0, head },
]

describe('cursor', () => {
  it('[RES-7] is replay.end.head after a join without from_seq', () => {
    const { state, shown } = run(fresh(9, [4, 7, 8]))
    expect(state.last).toBe(9)
    expect(shown).toEqual([4, 7, 8])
    expect(joinFrom(state)).toEqual({ from_seq: 9, epoch: EPOCH })
  })

  it('[RES-7] applies only what follows, ignores what is older', () => {
    const { shown, fetches } = run([...fresh(2, [1, 2]), entry(3), entry(2), entry(3), entry(4)])
    expect(shown).toEqual([1, 2, 3, 4])
    expect(fetches).toEqual([])
  })

  it('[RES-7] fetches the log on a gap, then goes on with what came meanwhile', () => {
    const gap = run([...fresh(2, [1, 2]), entry(5), entry(6)])
    expect(gap.shown).toEqual([1, 2])
    expect(gap.fetches).toEqual([{ type: 'fetch', from: 2, generation: 1 }])
    const filled = run([{ type: 'page', generation: 1, epoch: EPOCH, head: 6, entries: [message(3), message(4)] }], gap.state)
    expect(filled.shown).toEqual([3, 4, 5, 6])
    expect(filled.fetches).toEqual([])
  })

  it('[RES-5] pages the log when the replay did not reach the head', () => {
    const before = run(fresh(1, [1])).state
    const back = run([{ type: 'joining' }, { type: 'state', epoch: EPOCH, head: 5, floor: 0 }, entry(2), { type: 'replay-end', from: 1, head: 5 }], before)
    expect(back.shown).toEqual([2])
    expect(back.fetches).toEqual([{ type: 'fetch', from: 2, generation: 2 }])
    const next = run([{ type: 'page', generation: 2, epoch: EPOCH, head: 6, entries: [message(3), message(4), message(5)] }], back.state)
    expect(next.fetches).toEqual([{ type: 'fetch', from: 5, generation: 2 }])
  })

  it('ignores a page asked for by an earlier join', () => {
    const gap = run([...fresh(1, [1]), entry(3)])
    const rejoined = run([{ type: 'joining' }, { type: 'page', generation: 1, epoch: EPOCH, head: 3, entries: [message(2)] }], gap.state)
    expect(rejoined.shown).toEqual([])
    expect(rejoined.state.last).toBe(1)
  })

  it('[RES-2] takes no replay for its own that began before its room.state', () => {
    const [joining, state, ...rest] = fresh(3, [1, 2, 3])
    const { shown } = run([joining!, state!, entry(1), joining!, ...rest.slice(1), state!, ...rest])
    expect(shown).toEqual([1, 2, 3])
  })

  it('[RES-2] takes no replay for its own that went on from somewhere, when it asked for the newest part', () => {
    const [joining, state, ...rest] = fresh(3, [1, 2, 3])
    const { shown } = run([joining!, state!, { type: 'replay-end', from: 3, head: 3 }, state!, ...rest])
    expect(shown).toEqual([1, 2, 3])
  })

  it('[RES-6] drops what it held on room.reset', () => {
    const { state, shown } = run([
      ...fresh(3, [1, 2, 3]), { type: 'joining' }, { type: 'reset', epoch: 'e2' },
      { type: 'state', epoch: 'e2', head: 1, floor: 0 }, entry(1), { type: 'replay-end', from: 0, head: 1 },
    ])
    expect(shown).toEqual([1])
    expect(joinFrom(state)).toEqual({ from_seq: 1, epoch: 'e2' })
  })

  it('[RES-6] joins anew when a page belongs to another log', () => {
    const gap = run([...fresh(1, [1]), entry(3)])
    const { state, effects } = run([{ type: 'page', generation: 1, epoch: 'e2', head: 3, entries: [message(2)] }], gap.state)
    expect(effects).toEqual([{ type: 'rejoin' }])
    expect(joinFrom(state)).toEqual({})
  })

  it('[LOG-6] moves to the floor on a resume', () => {
    const before = run(fresh(3, [1, 2, 3])).state
    const { state, effects } = run([
      { type: 'joining' }, { type: 'state', epoch: EPOCH, head: 8, floor: 7 }, { type: 'entry', entry: clear(8) }, { type: 'replay-end', from: 3, head: 8 },
    ], before)
    expect(effects[0]).toEqual({ type: 'floor', seq: 7 })
    expect(state.last).toBe(8)
  })

  it('[LOG-6] goes over what a clear took away while it was fetching', () => {
    const gap = run([...fresh(2, [1, 2]), entry(5)])
    const { state, fetches } = run([{ type: 'page', generation: 1, epoch: EPOCH, head: 9, entries: [clear(9)] }], gap.state)
    expect(state.last).toBe(9)
    expect(fetches).toEqual([])
  })

  it('asks no second time while a page is on its way, and gives up on a log that has no more', () => {
    const gap = run([...fresh(1, [1]), entry(3), entry(5), entry(7)])
    expect(gap.fetches).toHaveLength(1)
    const { effects } = run([{ type: 'page', generation: 1, epoch: EPOCH, head: 1, entries: [] }], gap.state)
    expect(effects).toEqual([{ type: 'rejoin' }])
  })

  it('[RES-7] loses, doubles and reorders nothing under drops, repeats, shuffles and cuts', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('grow' as const), by: fc.integer({ min: 1, max: 6 }), keep: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat' as const), seq: fc.nat(40) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('swap' as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), missed: fc.integer({ min: 0, max: 9 }), replay: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('answer' as const), limit: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), heard: fc.boolean() }) },
    )
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const log: EntryFrame[] = [message(1)]
      let floor = 0
      let state = newCursor()
      let applied: number[] = []
      let asked: { from: number, generation: number } | undefined
      const give = (event: CursorEvent) => {
        const [next, effects] = advance(state, event)
        state = next
        for (const effect of effects) {
          if (effect.type === 'fetch') asked = effect
          if (effect.type === 'snapshot') applied = effect.entries.map(item => item.seq)
          if (effect.type === 'apply') applied.push(...effect.entries.map(item => item.seq))
          if (effect.type === 'rejoin') throw new Error('a sound log never needs a new start')
        }
      }
      const read = (from: number, limit: number) => log.filter(item => item.seq > Math.max(from, floor)).slice(0, limit)
      const join = (limit: number) => {
        give({ type: 'joining' })
        asked = undefined
        const from = joinFrom(state).from_seq ?? 0
        give({ type: 'state', epoch: EPOCH, head: log.length, floor })
        for (const item of read(joinFrom(state).from_seq ?? 0, state.phase === 'fresh' ? Infinity : limit)) give({ type: 'entry', entry: item })
        give({ type: 'replay-end', from, head: log.length })
      }
      const answer = (limit: number) => {
        if (!asked) return
        const { from, generation } = asked
        asked = undefined
        give({ type: 'page', generation, epoch: EPOCH, head: log.length, entries: read(from, limit) })
      }
      const grow = (count: number) => Array.from({ length: count }, () => {
        const item = message(log.length + 1)
        log.push(item)
        return item
      })
      join(99)
      for (const action of steps) {
        if (action.do === 'grow') grow(action.by).forEach((item, index) => action.keep[index] && give({ type: 'entry', entry: item }))
        if (action.do === 'repeat' && log[action.seq]) give({ type: 'entry', entry: log[action.seq]! })
        if (action.do === 'swap') grow(2).reverse().forEach(item => give({ type: 'entry', entry: item }))
        if (action.do === 'answer') answer(action.limit)
        if (action.do === 'clear') {
          const item = clear(log.length + 1)
          log.push(item)
          floor = item.seq - 1
          if (action.heard) give({ type: 'entry', entry: item })
        }
        if (action.do === 'cut') {
          give({ type: 'away' })
          grow(action.missed)
          join(action.replay)
        }
      }
      give({ type: 'entry', entry: grow(1)[0]! })
      for (let turn = 0; asked && turn < 1000; turn++) answer(3)
      expect(state.last).toBe(log.length)
      expect(applied).toEqual([...new Set(applied)].sort((a, b) => a - b))
      const present = log.map(item => item.seq).filter(seq => seq > floor)
      expect(applied.filter(seq => seq > floor)).toEqual(present)
    }), { numRuns: 500 })
  })
})

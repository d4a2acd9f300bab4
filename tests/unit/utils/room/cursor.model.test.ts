import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CursorEvent, CursorState, CursorStep } from '../../../../utils/room/cursor'
import { advance } from '../../../../utils/room/cursor'
import type { WorldAction } from '../../../support/cursor-world'
import { CursorWorld } from '../../../support/cursor-world'

const line = fc.nat(1)
const weighted: [number, fc.Arbitrary<WorldAction>][] = [
  [6, fc.record({ do: fc.constant('say' as const), messages: fc.integer({ min: 0, max: 5 }), others: fc.nat(2) })],
  [1, fc.record({ do: fc.constant('clear' as const) })],
  [6, fc.record({ do: fc.constant('serve' as const), line })],
  [10, fc.record({ do: fc.constant('take' as const), line, count: fc.integer({ min: 1, max: 6 }) })],
  [3, fc.record({ do: fc.constantFrom('lose' as const, 'repeat' as const), line, at: fc.nat(5) })],
  [2, fc.record({ do: fc.constant('cut' as const), line })],
  [4, fc.record({ do: fc.constant('connect' as const) })],
  [2, fc.record({ do: fc.constantFrom('switch' as const, 'retire' as const, 'rejoin' as const, 'reenter' as const) })],
  [6, fc.record({ do: fc.constantFrom('read' as const, 'deliver' as const), page: fc.nat(3) })],
  [2, fc.record({ do: fc.constant('restore' as const), messages: fc.nat(9) })],
]
const actions = fc.array(fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary }))), { maxLength: 100, size: 'max' })

type Advance = (state: CursorState, event: CursorEvent) => CursorStep

function play(machine: Advance, steps: readonly WorldAction[]): void {
  const world = new CursorWorld(machine)
  for (const step of steps) world.act(step)
  world.rest()
}

const property = (machine: Advance) => fc.property(actions, steps => play(machine, steps))

describe('cursor, against a model of log, lines and pages', () => {
  it('[RES-7] what it applies is always a run of the log, and at rest the whole of it', { timeout: 60_000 }, () => {
    fc.assert(property(advance), { numRuns: 3_000 })
  })

  const wrong: [string, Advance][] = [
    ['applies what lies beyond a gap', (state, event) => {
      if (event.type !== 'entry' || state.phase !== 'live' || event.entry.seq <= (state.last ?? 0)) return advance(state, event)
      return [{ ...state, last: event.entry.seq, seen: event.entry.seq }, [{ type: 'apply', entries: [event.entry] }]]
    }],
    ['applies what is older', (state, event) => {
      if (event.type !== 'entry' || state.phase !== 'live' || event.entry.seq !== state.last) return advance(state, event)
      return [state, [{ type: 'apply', entries: [event.entry] }]]
    }],
    ['takes pages of another log', (state, event) => advance(state, event.type === 'page' ? { ...event, epoch: state.epoch ?? event.epoch } : event)],
    ['waits for what a gap lacks without asking for it', (state, event) => {
      const isGap = event.type === 'entry' && state.phase === 'live' && event.entry.seq > (state.last ?? 0) + 1
      return isGap ? [state, []] : advance(state, event)
    }],
    ['takes the end of a resume for the head', (state, event) => {
      const [next, effects] = advance(state, event)
      return event.type === 'replay-end' && state.phase === 'resume' && state.replaying ? [{ ...next, last: event.head, held: [] }, effects] : [next, effects]
    }],
    ['takes any end of a replay for that of a fresh join', (state, event) => advance(state, event.type === 'replay-end' ? { ...event, from: 0 } : event)],
    ['takes the replay of an earlier join for its own', (state, event) => advance({ ...state, replaying: true }, event)],
    ['overlooks room.reset', (state, event) => event.type === 'reset' ? [state, []] : advance(state, event.type === 'state' ? { ...event, epoch: state.epoch ?? event.epoch } : event)],
  ]
  it.each(wrong)('finds a cursor that %s', { timeout: 60_000 }, (_what, machine) => {
    expect(fc.check(property(machine), { numRuns: 5_000, seed: 9, endOnFailure: true }).failed).toBe(true)
  })
})

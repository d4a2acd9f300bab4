import { afterEach, beforeEach, expect, vi } from 'vitest'
import { effectScope, shallowRef } from 'vue'
import type { ChatConnectionReturn } from '../../composables/connection/useChatConnection'
import { useChatConnection } from '../../composables/connection/useChatConnection'
import type { ChosenBy, TransportChoice } from '../../utils/connection/transport-choice'
import type { FakeWire } from './fake-lines'
import { FakeLines } from './fake-lines'

/** What the running test holds; made anew for each. */
export const world = {} as {
  net: FakeLines
  chat: ChatConnectionReturn
  /** What moved, and why: `websocket → sse: fallback`. */
  switches: string[]
  /** The transport of each greeting that was handed on. */
  states: string[]
}
const scopes: (() => void)[] = []
/** What may carry the connection. */
export const chosen = shallowRef<{ choice: TransportChoice, by: ChosenBy }>({ choice: 'auto', by: 'flag' })
/** Whether rooms can use what an old line brings. */
export const takesNews = vi.fn((_room: string) => true)

/** Makes the connection, which joins one room whenever it is greeted. */
export function start() {
  const scope = effectScope(true)
  scopes.push(() => scope.stop())
  world.chat = scope.run(() => useChatConnection({
    createLine: world.net.createLine,
    chosen,
    httpWorks: async () => world.net.httpWorks,
    takesNews,
    random: () => 1,
    monitor: { received: () => {}, sent: () => {}, answered: () => {}, switched: ({ from, to, why }) => void (from && world.switches.push(`${from} → ${to}: ${why}`)) },
  }))!
  world.chat.on('connection.established', (frame) => {
    world.states.push(frame.transport)
    void world.chat.request({ type: 'join', room: 'r' }).catch(() => {})
  })
  world.chat.connect()
}
/** Lets time pass. */
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
/** The transports of the open wires, oldest first. */
export const open = () => world.net.open.map(wire => wire.transport)
/** The joins sent over a wire. */
export const joins = (wire: FakeWire) => wire.sent.filter(frame => frame.type === 'join')

/** The server answers the newest join of a wire. */
export async function join(wire: FakeWire) {
  const frame = joins(wire).at(-1)!
  world.net.deliver(wire, { type: 'ack', ref: frame.id!, room: 'r' })
  world.net.deliver(wire, { type: 'replay.end', room: 'r', from_seq: 0, lastReplayedSeq: 0, totalAvailable: 0, head: 0 })
  await pass(1)
}
beforeEach(() => {
  vi.useFakeTimers()
  world.net = new FakeLines()
  world.switches = []
  world.states = []
  takesNews.mockReset().mockReturnValue(true)
  chosen.value = { choice: 'auto', by: 'flag' }
})
afterEach(() => {
  for (const stop of scopes.splice(0)) stop()
  expect(world.net.open).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

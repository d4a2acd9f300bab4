import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { newSession } from '../../../../utils/call/signal'
import { createFakeRoom, current, statusOf } from './fake-peers'

type Room = ReturnType<typeof createFakeRoom>
let room: Room

function advance(ms: number) {
  const step = 50
  for (let done = 0; done < ms; done += step) {
    vi.advanceTimersByTime(step)
    room.flush()
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  room = createFakeRoom()
})
afterEach(() => vi.useRealTimers())

function two() {
  const a = room.join('a', 'a-1')
  const b = room.join('b', 'b-1')
  room.flush()
  return { a, b }
}

describe('somebody who was removed', () => {
  it.each(['a', 'b'] as const)('loses a live link at once, and %s takes no signal of theirs', (host) => {
    const { a, b } = two()
    const [stays, goes] = host === 'a' ? [a, b] : [b, a]
    stays.mesh.expel([goes.id])
    expect(stays.mesh.peers.size).toBe(0)
    // Presence that was on its way still lists them, and so does a client that was changed.
    room.tellPresence()
    goes.mesh.resume()
    advance(30_000)
    expect(stays.mesh.peers.size).toBe(0)
    room.setPresence(goes.id, null)
    room.join(goes.id, `${goes.id}-2`)
    advance(1_000)
    expect(statusOf(stays, goes.id)).toBe('connected')
  })
})

describe('somebody who sleeps', () => {
  it.each(['a', 'b'])('%s is back with one new connection, however often the other tried meanwhile', (id) => {
    const { a, b } = two()
    const [sleeper, other] = id === 'a' ? [a, b] : [b, a]
    // A laptop that is shut: no timer runs there, nothing reaches it.
    sleeper.online = false
    for (const one of [a, b]) current(one)[0]!.closed = true
    advance(20_000)
    room.setMedia(false)
    room.setPresence(sleeper.id, null)
    advance(55_000)
    expect(other.mesh.peers.has(sleeper.id)).toBe(false)
    room.setMedia(true)
    const made = [a.transports.length, b.transports.length] as const
    sleeper.online = true
    room.setPresence(sleeper.id, true)
    sleeper.mesh.resume()
    advance(5_000)
    expect([statusOf(a, 'b'), statusOf(b, 'a')]).toEqual(['connected', 'connected'])
    expect([a.transports.length - made[0], b.transports.length - made[1]]).toEqual([1, 1])
  })
})

describe('clocks', () => {
  it.each(['a', 'b'])('connects %s again after a reload with a clock that was set back', (id) => {
    const { a, b } = two()
    const stays = id === 'a' ? b : a
    room.vanish(id)
    room.flush()
    vi.setSystemTime(Date.now() - 7 * 86_400_000)
    const back = room.join(id, newSession('run.9'))
    advance(2_000)
    expect(statusOf(stays, id)).toBe('connected')
    expect(statusOf(back, stays.id)).toBe('connected')
  })
})

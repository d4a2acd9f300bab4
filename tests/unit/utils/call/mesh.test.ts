import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TIMING } from '../../../../utils/call/timing'
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

describe('making links', () => {
  it('connects two with one offer from the fixed initiator', () => {
    const { a, b } = two()
    expect(statusOf(a, 'b')).toBe('connected')
    expect(statusOf(b, 'a')).toBe('connected')
    expect(a.transports.map(one => one.options.initiator)).toEqual([true])
    expect(b.transports.map(one => one.options.initiator)).toEqual([false])
  })

  it('connects everybody with everybody', () => {
    const all = ['c', 'a', 'd', 'b'].map(id => room.join(id, `${id}-1`))
    room.flush()
    for (const one of all) {
      for (const other of all) if (one !== other) expect(statusOf(one, other.id)).toBe('connected')
    }
  })

  it('tells what it shows over the data channel', () => {
    const { a, b } = two()
    a.state = { mic: false, cam: false, screen: true, hand: true }
    a.mesh.tell()
    room.flush()
    expect(b.mesh.peers.get('a')?.state).toEqual({ mic: false, cam: false, screen: true, hand: true })
  })

  it('ignores what is not a signal, and signals of somebody who is not in the call', () => {
    const { a } = two()
    for (const value of [null, 7, 'x', {}, { k: 'rtc' }, { k: 'rtc', from: 'z', to: 'a-1', gen: 1, data: null }]) a.mesh.receive('b', value)
    a.mesh.receive('z', { k: 'hello', from: 'z-1', dead: 0 })
    room.flush()
    expect([...a.mesh.peers.keys()]).toEqual(['b'])
    expect(statusOf(a, 'b')).toBe('connected')
  })

  it('takes a hello that overtook presence', () => {
    const a = room.join('a', 'a-1')
    a.mesh.receive('b', { k: 'hello', from: 'b-1', dead: 0 })
    expect(a.mesh.peers.size).toBe(0)
    room.join('b', 'b-1')
    room.flush()
    expect(statusOf(a, 'b')).toBe('connected')
  })
})

describe('healing', () => {
  it.each(['a', 'b'] as const)('rebuilds within 5 s when the connection of %s is closed underneath', (which) => {
    const { a, b } = two()
    const victim = { a, b }[which]
    current(victim)[0]!.closed = true
    advance(TIMING.poll + 200)
    expect(statusOf(a, 'b')).toBe('connected')
    expect(statusOf(b, 'a')).toBe('connected')
    expect(current(a)).toHaveLength(1)
    expect(current(b)).toHaveLength(1)
  })

  it('rebuilds at once when ICE fails', () => {
    const { a, b } = two()
    current(b)[0]!.options.events.onClosed()
    advance(100)
    expect(statusOf(a, 'b')).toBe('connected')
    expect(statusOf(b, 'a')).toBe('connected')
  })

  it('gives a lost path 2 s to come back by itself', () => {
    const { a } = two()
    const transport = current(a)[0]!
    transport.options.events.onPath(false)
    expect(statusOf(a, 'b')).toBe('reconnecting')
    advance(1_000)
    transport.options.events.onPath(true)
    advance(TIMING.disconnected * 2)
    expect(statusOf(a, 'b')).toBe('connected')
    expect(current(a)[0]).toBe(transport)
  })

  it('rebuilds a path that stays lost, within 5 s', () => {
    const { a, b } = two()
    current(a)[0]!.options.events.onPath(false)
    advance(TIMING.disconnected + 200)
    expect(statusOf(a, 'b')).toBe('connected')
    expect(statusOf(b, 'a')).toBe('connected')
    expect(a.transports).toHaveLength(2)
  })

  it('says why when no path can be made, tries on with growing pauses, and connects once there is one', () => {
    room.setMedia(false)
    const { a, b } = two()
    advance(2 * TIMING.attempt + 3_000)
    expect(statusOf(a, 'b')).toBe('unreachable')
    expect(a.mesh.peers.get('b')?.link.reason).toBe('needs-turn')
    const before = a.transports.length
    advance(60_000)
    expect(a.transports.length - before).toBeLessThan(8)
    room.setMedia(true)
    advance(TIMING.attempt + TIMING.backoffMax + 5_000)
    expect(statusOf(a, 'b')).toBe('connected')
    expect(statusOf(b, 'a')).toBe('connected')
  })

  it('says that somebody does not answer', () => {
    const a = room.join('a', 'a-1')
    room.setPresence('ghost', true)
    advance(15_000)
    expect(statusOf(a, 'ghost')).toBe('unreachable')
    expect(a.mesh.peers.get('ghost')?.link.reason).toBe('no-answer')
  })
})

describe('[RTC-4] signalling that is away', () => {
  it('keeps connected links when presence empties', () => {
    const { a } = two()
    a.online = false
    a.mesh.reconcile(new Map())
    advance(30_000)
    expect(statusOf(a, 'b')).toBe('connected')
    a.online = true
    a.mesh.reconcile(new Map())
    expect(statusOf(a, 'b')).toBe('connected')
  })

  it('keeps a broken link for when it is back, and counts no failures meanwhile', () => {
    const { a, b } = two()
    a.online = false
    current(a)[0]!.closed = true
    advance(40_000)
    expect(statusOf(a, 'b')).toBe('reconnecting')
    expect(a.mesh.peers.get('b')?.link.reason).toBe('signalling')
    a.online = true
    a.mesh.resume()
    advance(200)
    expect(statusOf(a, 'b')).toBe('connected')
    expect(statusOf(b, 'a')).toBe('connected')
  })

  it('lets somebody go whom presence lost and whose media is dead', () => {
    const { a } = two()
    room.setPresence('b', null)
    expect(statusOf(a, 'b')).toBe('connected')
    current(a)[0]!.closed = true
    advance(TIMING.poll)
    expect(a.mesh.peers.has('b')).toBe(false)
  })

  it('keeps somebody of whom the server does not know whether they are in the call', () => {
    const { a } = two()
    room.setPresence('b', undefined)
    expect(statusOf(a, 'b')).toBe('connected')
  })
})

describe('leaving and reloading', () => {
  it('lets somebody go who says goodbye, though presence still lists them', () => {
    const { a, b } = two()
    b.mesh.close(false)
    room.flush()
    room.tellPresence()
    advance(10_000)
    expect(a.mesh.peers.has('b')).toBe(false)
  })

  it('lets somebody go of whom presence says so', () => {
    const { a } = two()
    room.setPresence('b', false)
    expect(a.mesh.peers.has('b')).toBe(false)
    expect(current(a)).toHaveLength(0)
  })

  it('lets somebody back in after a goodbye', () => {
    const { a, b } = two()
    b.mesh.close(false)
    room.setPresence('b', false)
    room.flush()
    room.join('b', 'b-2')
    room.flush()
    expect(statusOf(a, 'b')).toBe('connected')
  })

  it.each(['a', 'b'])('keeps the tile of %s through a reload and replaces the link', (id) => {
    const { a, b } = two()
    const stays = id === 'a' ? b : a
    room.vanish(id)
    room.flush()
    expect(statusOf(stays, id)).toBe('reconnecting')
    expect(stays.mesh.peers.get(id)?.link.reason).toBe('reloading')
    advance(1_500)
    const back = room.join(id, `${id}-2`)
    room.flush()
    expect(statusOf(stays, id)).toBe('connected')
    expect(statusOf(back, stays.id)).toBe('connected')
    advance(TIMING.reload * 2)
    expect(statusOf(stays, id)).toBe('connected')
  })

  it('lets somebody go who does not come back from a reload', () => {
    const { a } = two()
    room.vanish('b')
    room.flush()
    advance(TIMING.reload + 100)
    room.tellPresence()
    expect(a.mesh.peers.has('b')).toBe(false)
  })

  it('drops signals of an earlier page load and of an earlier generation', () => {
    const { a, b } = two()
    const stale = b.signals.filter(signal => signal.k === 'rtc')
    const hello = b.signals.filter(signal => signal.k === 'hello')
    room.vanish('b')
    room.flush()
    room.join('b', 'b-2')
    room.flush()
    const live = current(a)[0]
    for (const signal of [...stale, ...hello]) a.mesh.receive('b', signal)
    advance(1_000)
    expect(current(a)[0]).toBe(live)
    expect(statusOf(a, 'b')).toBe('connected')
  })
})

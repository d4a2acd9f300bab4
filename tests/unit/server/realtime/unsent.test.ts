import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Unsent } from '../../../../server/realtime/unsent'
import type { Receiver } from '../../../../server/realtime/unsent'
import { LIMITS } from '../../../../shared/protocol/limits'
import { createTestCore } from '../../../support/core'
import type { TestCore } from '../../../support/core'

interface Reader extends Receiver {
  unsentBytes: number
  gone: boolean
}

function reader(userId: string, address = 'a', unsentBytes = 0): Reader {
  const made: Reader = { userId, address, unsentBytes, ended: false, gone: false, giveUp: () => {
    made.gone = true
  } }
  return made
}

describe('what waits for all together', () => {
  it('[BP-3] a bound for each is none for all: the heaviest goes first, until what is left fits', () => {
    const unsent = new Unsent({ user: 1000, address: 100, all: 1000 })
    const readers = [30, 60, 20].map((bytes, n) => reader(`u${n}`, 'a', bytes))
    for (const one of readers) unsent.note(one)
    expect(readers.map(({ gone }) => gone)).toEqual([false, true, false])
    expect(unsent.bytes).toBe(50)
  })

  it('[BP-3] counts by user, by address and in all, and nobody pays for another address', () => {
    const unsent = new Unsent({ user: 50, address: 100, all: 150 })
    const calm = reader('calm', 'b', 5)
    unsent.note(calm)
    const tabs = [reader('x', 'a', 30), reader('x', 'c', 31)]
    for (const tab of tabs) unsent.note(tab)
    expect(tabs.map(({ gone }) => gone)).toEqual([false, true])
    expect(unsent.isFull({ userId: 'x', address: 'a' }, 21)).toBe(true)
    expect(unsent.isFull({ userId: 'y', address: 'a' }, 21)).toBe(false)
    expect(unsent.isFull({ userId: 'y', address: 'a' }, 71)).toBe(true)
    expect(calm.gone).toBe(false)
  })

  it('[BP-3] who has read meanwhile is not given up for what once waited', () => {
    const unsent = new Unsent({ user: 1000, address: 100, all: 1000 })
    const quick = reader('quick', 'a', 90)
    unsent.note(quick)
    quick.unsentBytes = 0
    const slow = reader('slow', 'a', 60)
    unsent.note(slow)
    expect([quick.gone, slow.gone]).toEqual([false, false])
    expect(unsent.bytes).toBe(60)
    unsent.forget(slow)
    expect(unsent.bytes).toBe(0)
  })
})

describe('readers that read nothing', () => {
  let core: TestCore
  beforeEach(async () => {
    core = await createTestCore()
  })
  afterEach(() => core.dispose())

  it('[BP-3] a join that would be too much for all connections of its user is refused, and closes nobody', async () => {
    const ann = await core.connect('ann')
    await ann.request({ type: 'join', room: 'lobby' })
    for (let n = 0; n < 100; n++) {
      core.advance(40)
      await ann.request({ type: 'chat', room: 'lobby', text: 'x'.repeat(LIMITS.textBytes), client_msg_id: `c${n}` })
    }
    const tabs = await Promise.all(Array.from({ length: 9 }, (_, n) => core.connect('stalled', { userOf: n === 0 ? undefined : ann, peerKey: `tab${n}` })))
    let waiting = 0
    const replies = []
    for (const tab of tabs.slice(1)) {
      tab.transport.stalled = true
      for (let n = 0; n < 3; n++) replies.push(await tab.request({ type: 'join', room: 'lobby', from_seq: 0 }))
      waiting += tab.transport.bufferedBytes
    }
    expect(replies.some(reply => reply.type === 'error' && reply.code === 'rate_limited')).toBe(true)
    expect(waiting).toBeLessThanOrEqual(2 * LIMITS.replayBacklogBytes + LIMITS.closeBytes)
    expect(tabs.every(tab => !tab.transport.closed)).toBe(true)
  })

  it('[BP-4] who reads long rooms over and over has to wait, and others do not wait for them', async () => {
    const ann = await core.connect('ann')
    await ann.request({ type: 'join', room: 'lobby' })
    for (let n = 0; n < 60; n++) {
      core.advance(40)
      await ann.request({ type: 'chat', room: 'lobby', text: 'x'.repeat(LIMITS.textBytes), client_msg_id: `c${n}` })
    }
    const replies = []
    for (let n = 0; n < 30; n++) replies.push(await ann.request({ type: 'join', room: 'lobby', from_seq: 0 }))
    const refused = replies.find(reply => reply.type === 'error')
    expect(refused).toMatchObject({ code: 'rate_limited', message: 'room: too much was read' })
    expect(replies.filter(({ type }) => type === 'ack').length).toBeGreaterThan(3)
    const bob = await core.connect('bob')
    expect(await bob.request({ type: 'join', room: 'lobby', from_seq: 0 })).toMatchObject({ type: 'ack' })
    core.advance(refused?.type === 'error' ? refused.retry_after_ms ?? 0 : 0)
    expect(await ann.request({ type: 'join', room: 'lobby' })).toMatchObject({ type: 'ack' })
  })

  it('[BP-3] one who is closed in the tick of a last frame is not counted, nor kept, for ever', async () => {
    const ann = await core.connect('ann')
    const { unsent } = core.realtime.context
    for (let n = 0; n < 20; n++) {
      const reader = await core.connect('stalled', { userOf: ann, peerKey: `tab${n}` })
      await reader.request({ type: 'join', room: 'lobby' })
      reader.transport.stalled = true
      reader.connection.send({ type: 'pong', t: 'x'.repeat(1000) })
      if (n % 2) core.realtime.close(reader.connection, 4408, 'test')
      else core.realtime.closed(reader.connection)
      await reader.settled()
    }
    core.advance(1)
    expect(unsent.bytes).toBe(0)
    expect(unsent.size).toBe(0)
  })

  it('[BP-1] the sender of signals waits for one who reads nothing; that one keeps the connection', async () => {
    const victim = await core.connect('victim')
    const others = await Promise.all(['ann', 'bob'].map(name => core.connect(name)))
    for (const client of [victim, ...others]) await client.request({ type: 'join', room: 'lobby' })
    victim.transport.stalled = true
    const to = `${victim.userId}:key-of-victim`
    const signal = 'x'.repeat(48_000)
    const replies = []
    for (let n = 0; n < 90; n++) {
      core.advance(100)
      replies.push(await others[0]!.request({ type: 'webrtc-signal', room: 'lobby', to, signal }))
    }
    expect(victim.transport.closed).toBeUndefined()
    expect(replies.filter(({ type }) => type === 'ack')).toHaveLength(Math.floor(LIMITS.signalShareBytes / signal.length))
    expect(replies.at(-1)).toMatchObject({ code: 'rate_limited', retryable: true, retry_after_ms: 1000 })
    // Somebody else's share is their own.
    expect(await others[1]!.request({ type: 'webrtc-signal', room: 'lobby', to, signal })).toMatchObject({ type: 'ack' })
    victim.transport.stalled = false
    victim.transport.bufferedBytes = 0
    expect(await others[0]!.request({ type: 'webrtc-signal', room: 'lobby', to, signal })).toMatchObject({ type: 'ack' })
  })

  it('[BP-1] many small signals to one who takes what comes are let through', async () => {
    const ann = await core.connect('ann')
    const bob = await core.connect('bob')
    for (const client of [ann, bob]) await client.request({ type: 'join', room: 'lobby' })
    for (let n = 0; n < 190; n++) ann.send({ type: 'webrtc-signal', room: 'lobby', to: `${bob.userId}:key-of-bob`, signal: n })
    await ann.settled()
    await bob.settled()
    expect(bob.transport.ofType('webrtc-signal')).toHaveLength(190)
  })
})

import { beforeEach, describe, expect, it } from 'vitest'
import type { ServerFrame } from '../../../../shared/protocol/frames'
import type { TransportName } from '../../../../utils/connection/wire'
import { chosen, join, joins, open, pass, start, takesNews, world } from '../../../support/connection-world'
import type { FakeWire } from '../../../support/fake-lines'

const typing: ServerFrame = { type: 'typing', room: 'r', userId: 'u2', userName: 'Bob', active: true }
const entry = (seq: number): ServerFrame => ({ type: 'reaction', room: 'r', seq, userId: 'u', timestamp: '', messageId: 'm', emoji: 'x', op: 'add' })

describe('useChatConnection world.switches live', () => {
  let old: FakeWire
  let fresh: FakeWire

  async function switchTo(choice: TransportName) {
    old = world.net.open[0]!
    chosen.value = { choice, by: 'tester' }
    await pass(50)
    fresh = world.net.open.at(-1)!
  }

  beforeEach(async () => {
    start()
    await pass(100)
    await join(world.net.open[0]!)
  })

  it('[FLAG-2] sends over the new line at once, and ends the old one when every room is joined', async () => {
    await switchTo('sse')
    expect([fresh.transport, world.chat.transport.value, joins(fresh).length]).toEqual(['sse', 'sse', 1])
    world.chat.send({ type: 'typing', room: 'r', active: true })
    expect(fresh.sent.at(-1)).toMatchObject({ type: 'typing' })
    await pass(5_000)
    expect(open()).toEqual(['websocket', 'sse'])
    await join(fresh)
    await pass(100)
    expect(open()).toEqual(['sse'])
    expect(world.switches).toEqual(['websocket → sse: tester'])
  })

  it('[FLAG-2] waits for what is unanswered on the old line, 8 s at most', async () => {
    const answered = world.chat.request({ type: 'clear', room: 'r' })
    const lost = expect(world.chat.request({ type: 'clear', room: 'r' })).rejects.toMatchObject({ retryable: true })
    await switchTo('polling')
    await join(fresh)
    await pass(2_000)
    const [first] = old.sent.filter(frame => frame.type === 'clear')
    world.net.deliver(old, { type: 'ack', ref: first!.id!, room: 'r' })
    await expect(answered).resolves.toMatchObject({ ref: first!.id })
    expect(open()).toEqual(['websocket', 'polling'])
    await pass(6_000)
    await lost
    expect(open()).toEqual(['polling'])
  })

  it('[FLAG-2] takes news from both lines, and no part of an old join', async () => {
    const seen: string[] = []
    for (const type of ['reaction', 'typing', 'replay.end'] as const) world.chat.on(type, frame => seen.push(type + ('seq' in frame ? frame.seq : '')))
    await switchTo('sse')
    for (const wire of [old, fresh]) for (const frame of [entry(1), typing]) world.net.deliver(wire, frame)
    world.net.deliver(old, { type: 'replay.end', room: 'r', from_seq: 0, lastReplayedSeq: 0, totalAvailable: 0, head: 0 })
    await pass(1)
    takesNews.mockReturnValue(false)
    world.net.deliver(old, entry(2))
    await pass(1)
    expect(seen).toEqual(['reaction1', 'typing', 'reaction1', 'typing'])
  })

  it('[FLAG-2] through all transports and back, one after the other', async () => {
    for (const name of ['sse', 'polling', 'websocket'] as const) {
      await switchTo(name)
      await join(fresh)
      await pass(1_000)
      expect(open()).toEqual([name])
    }
    expect(world.chat.status.value).toBe('connected')
  })

  it('[FLAG-2] stays where it is while the new one cannot be reached, and goes on trying', async () => {
    world.net.treatment.polling = 'refuses'
    await switchTo('polling')
    await pass(5_000)
    expect([world.chat.transport.value, world.chat.isConnected.value]).toEqual(['websocket', true])
    world.net.treatment.polling = 'works'
    await pass(30_000)
    expect(world.chat.transport.value).toBe('polling')
  })

  it('[FLAG-1] follows the server\'s flag back to auto', async () => {
    await switchTo('polling')
    await join(fresh)
    await pass(1_000)
    chosen.value = { choice: 'auto', by: 'flag' }
    await pass(100)
    expect(world.chat.transport.value).toBe('websocket')
  })
  it('[FLAG-1] follows a choice made while two lines overlap as soon as one is left', async () => {
    await switchTo('polling')
    await pass(100)
    chosen.value = { choice: 'auto', by: 'flag' }
    await pass(100)
    expect(open()).toEqual(['websocket', 'polling'])
    await join(fresh)
    await pass(1_000)
    expect(world.chat.transport.value).toBe('websocket')
  })

  it('keeps nothing unsent beyond its end, for whoever connects next may be somebody else', async () => {
    world.net.cut(world.net.open[0]!)
    const kept = expect(world.chat.request({ type: 'clear', room: 'r' })).rejects.toMatchObject({ retryable: true })
    world.chat.disconnect()
    await kept
    world.chat.connect()
    await pass(100)
    world.chat.flush()
    expect(world.net.open[0]!.sent.filter(frame => frame.type === 'clear')).toEqual([])
  })
})

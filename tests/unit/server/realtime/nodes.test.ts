import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestNodes } from '../../../support/core'
import type { TestClient, TestCore } from '../../../support/core'

const join = { type: 'join', room: 'lobby' } as const
const chat = (text: string) => ({ type: 'chat', room: 'lobby', text, client_msg_id: text }) as const
const seqs = (client: TestClient) => client.transport.frames.flatMap(frame => 'seq' in frame && frame.type !== 'ack' ? [frame.seq] : [])
const texts = (client: TestClient) => client.transport.ofType('message.new').map(frame => frame.content.text)

describe('two cores on one bus and one database', () => {
  let here: TestCore
  let there: TestCore
  let dispose: () => Promise<void>
  let ann: TestClient
  let bob: TestClient

  beforeEach(async () => {
    const made = await createTestNodes()
    here = made.nodes[0]
    there = made.nodes[1]
    dispose = made.dispose
    ann = await here.connect('ann')
    bob = await there.connect('bob')
    for (const client of [ann, bob]) await client.request(join)
  })
  afterEach(async () => {
    expect([...here.errors, ...there.errors]).toEqual([])
    await dispose()
  })

  it('[LOG-1] both write to one room, and everybody sees one log: no number twice, none left out', async () => {
    for (let n = 0; n < 20; n++) await Promise.all([ann.request(chat(`a${n}`)), bob.request(chat(`b${n}`))])
    for (const client of [ann, bob]) await client.settled()
    const numbers = Array.from({ length: 40 }, (_, n) => n + 1)
    for (const client of [ann, bob]) expect(seqs(client).toSorted((a, b) => a! - b!)).toEqual(numbers)
    expect(texts(ann).toSorted()).toEqual(texts(bob).toSorted())
  })

  it('[LOG-5] an edit on one node is what the other shows live and reads from its memory', async () => {
    const said = await ann.request(chat('first'))
    const messageId = said.type === 'ack' ? said.messageId! : ''
    // In the memory of both, before it is changed.
    for (const node of [here, there]) await node.log.newest(ann.connection.rooms.get('lobby')!.room.id, 10)
    await ann.request({ type: 'edit', room: 'lobby', messageId, text: 'second' })
    await bob.settled()
    expect(bob.transport.ofType('message.edited')).toMatchObject([{ messageId, content: { text: 'second' } }])
    const late = await there.connect('late')
    await late.request(join)
    expect(late.transport.ofType('message.replay')).toMatchObject([{ content: { text: 'second' } }])
  })

  it('[ACC-3] who is removed or muted on one node is so on the other, at once', async () => {
    await ann.request({ type: 'member-update', room: 'lobby', userId: bob.userId, muted: true })
    expect(await bob.request(chat('muted'))).toMatchObject({ type: 'error', code: 'forbidden', message: 'room: you are muted here' })
    await ann.request({ type: 'member-update', room: 'lobby', userId: bob.userId, removed: true })
    await bob.settled()
    expect(bob.transport.frames.at(-1)).toMatchObject({ type: 'error', code: 'forbidden', reason: 'removed' })
    expect(await bob.request(join)).toMatchObject({ code: 'forbidden', reason: 'removed' })
    await ann.request(chat('among us'))
    await bob.settled()
    expect(texts(bob)).toEqual([])
  })

  it('[LOG-7] a title and a lock are known on both', async () => {
    await ann.request({ type: 'room-update', room: 'lobby', title: 'Harbour', locked: true })
    for (const node of [here, there]) {
      expect(node.realtime.context.hub.room(ann.connection.rooms.get('lobby')!.room.id)).toMatchObject({ title: 'Harbour', locked: true })
    }
    const carl = await there.connect('carl')
    expect(await carl.request(join)).toMatchObject({ code: 'forbidden', reason: 'locked' })
  })

  it('[RTC-1] signals, typing and presence go from node to node', async () => {
    for (const client of [ann, bob]) await client.request({ type: 'media-state', room: 'lobby', in_call: false, mic: false, cam: false, screen: false, hand: false })
    const to = `${bob.userId}:key-of-bob`
    expect(await ann.request({ type: 'webrtc-signal', room: 'lobby', to, signal: { sdp: 'x' } })).toMatchObject({ type: 'ack' })
    await ann.request({ type: 'typing', room: 'lobby', active: true })
    await bob.settled()
    expect(bob.transport.ofType('webrtc-signal')).toMatchObject([{ from: `${ann.userId}:key-of-ann`, signal: { sdp: 'x' } }])
    expect(bob.transport.ofType('typing')).toMatchObject([{ userId: ann.userId, active: true }])
    expect(ann.transport.ofType('presence').map(({ member }) => member.userId)).toContain(bob.userId)
  })

  it('a room that is gone, and a sign-in that has ended, are so on every node', async () => {
    const [{ room }] = [...bob.connection.rooms.values()]
    here.bus.control({ type: 'evict', roomId: room.id })
    await bob.settled()
    expect(bob.transport.frames.at(-1)).toMatchObject({ type: 'error', code: 'not_found', room: 'lobby' })
    expect(bob.connection.rooms.size).toBe(0)
    here.bus.control({ type: 'sign-out', sid: 'sid-of-bob' })
    expect(bob.transport.closed).toMatchObject({ code: 4401 })
    expect(ann.transport.closed).toBeUndefined()
  })
})

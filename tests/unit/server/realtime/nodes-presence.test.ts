import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRedisBus } from '../../../../server/realtime/bus/redis'
import type { Bus } from '../../../../server/realtime/bus'
import { createTestNodes } from '../../../support/core'
import type { TestClient, TestCore } from '../../../support/core'
import { startRedis } from '../../../support/redis'
import type { TestRedis } from '../../../support/redis'
import { waitFor } from '../../../support/wait'

const join = { type: 'join', room: 'lobby' } as const
const media = (in_call: boolean) => ({ type: 'media-state', room: 'lobby', in_call, mic: in_call, cam: false, screen: false, hand: false }) as const
const chat = (text: string) => ({ type: 'chat', room: 'lobby', text, client_msg_id: text }) as const

let redis: TestRedis
let wires = 0
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

describe('[MANY-3] two nodes that share a database and a Redis', () => {
  let here: TestCore
  let there: TestCore
  let buses: readonly [Bus, Bus]
  let dispose: () => Promise<void>
  let ann: TestClient
  let bob: TestClient

  beforeEach(async () => {
    const prefix = `nodes${++wires}`
    buses = [createRedisBus({ url: redis.url, prefix }), createRedisBus({ url: redis.url, prefix })]
    const made = await createTestNodes(buses)
    here = made.nodes[0]
    there = made.nodes[1]
    dispose = made.dispose
    await waitFor(() => buses.every(bus => bus.isUp()))
    ann = await here.connect('ann')
    bob = await there.connect('bob')
    await ann.request(join)
    await bob.request(join)
    await waitFor(() => peopleOn(here).length === 2 && peopleOn(there).length === 2, { what: 'nodes that see both' })
  })
  afterEach(async () => {
    await Promise.all(buses.map(bus => bus.close()))
    await dispose()
    expect([...here.errors, ...there.errors]).toEqual([])
  })

  const roomId = () => [...ann.connection.rooms.values()][0]!.room.id
  const peopleOn = (node: TestCore) => node.realtime.context.presence.members(roomId()).map(({ name }) => name).toSorted()
  const peerOf = (client: TestClient, key: string) => `${client.userId}:${key}`
  const seen = (client: TestClient) => client.transport.ofType('presence').map(({ event, member }) => `${event} ${member.name}`)
  const texts = (client: TestClient) => client.transport.ofType('message.new').map(({ content }) => content.text)

  it('[PRS-1] who is in a room is the same on both, to those who are there and to those who join, and once each', async () => {
    await waitFor(() => seen(ann).includes('join bob'))
    expect(seen(ann)).toEqual(['join bob'])
    const carl = await there.connect('carl')
    await carl.request(join)
    expect(carl.transport.ofType('room.state')[0]!.members.map(({ name }) => name).toSorted()).toEqual(['ann', 'bob', 'carl'])
    const twin = await here.connect('carl', { userOf: carl, peerKey: 'second-key-of-carl' })
    await twin.request(join)
    await waitFor(() => seen(bob).at(-1) === 'update carl')
    await carl.request({ type: 'leave', room: 'lobby' })
    await waitFor(() => here.realtime.context.presence.members(roomId()).find(({ name }) => name === 'carl')?.peers.length === 1)
    await twin.request({ type: 'leave', room: 'lobby' })
    await waitFor(() => seen(bob).at(-1) === 'leave carl' && seen(ann).at(-1) === 'leave carl')
    expect(seen(bob).filter(event => event === 'join carl' || event === 'leave carl')).toEqual(['join carl', 'leave carl'])
  })

  it('[PRS-3] [RTC-2] a status, and what a peer shows, are seen on the other; a peer that comes back on another node has it all', async () => {
    await bob.request({ type: 'presence', status: 'dnd' })
    await bob.request(media(true))
    await waitFor(() => ann.transport.ofType('presence').at(-1)?.member.peers[0]?.media?.in_call)
    expect(ann.transport.ofType('presence').at(-1)!.member).toMatchObject({ name: 'bob', status: 'dnd' })
    there.realtime.closed(bob.connection)
    const before = seen(ann).length
    const back = await here.connect('bob', { userOf: bob })
    await back.request(join)
    expect(back.transport.ofType('room.state')[0]!.members.find(({ name }) => name === 'bob')).toMatchObject({ status: 'dnd', peers: [{ media: { in_call: true, mic: true } }] })
    expect(seen(ann).slice(before)).toEqual([])
    expect(here.realtime.context.calls.holds(roomId(), peerOf(bob, 'key-of-bob'))).toBe(true)
    // The place and the peer are the other node's no more: its time does not end them.
    await waitFor(() => there.realtime.context.presence.isElsewhere(roomId(), bob.userId, peerOf(bob, 'key-of-bob')))
    there.advance(120_000)
    await waitFor(() => peopleOn(there).length === 2)
    expect(peopleOn(here)).toEqual(['ann', 'bob'])
    expect(there.realtime.context.calls.holds(roomId(), peerOf(bob, 'key-of-bob'))).toBe(true)
  })

  it('[PRS-2] a node that dies leaves nobody behind: its people have the time to come back that everybody has', async () => {
    const room = roomId()
    await bob.request(media(true))
    await waitFor(() => here.realtime.context.calls.holds(roomId(), peerOf(bob, 'key-of-bob')))
    await buses[1].close()
    await waitFor(() => !here.realtime.context.presence.isElsewhere(roomId(), bob.userId, peerOf(bob, 'key-of-bob')))
    here.advance(9_000)
    expect(peopleOn(here)).toEqual(['ann', 'bob'])
    here.advance(2_000)
    expect(peopleOn(here)).toEqual(['ann'])
    await waitFor(() => seen(ann).at(-1) === 'leave bob')
    here.advance(60_000)
    expect(here.realtime.context.calls.holds(room, peerOf(bob, 'key-of-bob'))).toBe(false)
  })

  it('[RTC-1] [RTC-5] signals reach a peer on the other node and nobody else, as long as it is there; places are counted over both', async () => {
    const signal = (client: TestClient, to: string) => client.request({ type: 'webrtc-signal', room: 'lobby', to, signal: { sdp: 'x' } })
    await bob.request(media(true))
    await waitFor(() => here.realtime.context.calls.holds(roomId(), peerOf(bob, 'key-of-bob')))
    expect(await ann.request(media(true))).toMatchObject({ type: 'ack' })
    await waitFor(() => there.realtime.context.calls.holds(roomId(), peerOf(ann, 'key-of-ann')))
    const sending = signal(ann, peerOf(bob, 'key-of-bob')).catch(() => undefined)
    await waitFor(() => bob.transport.ofType('webrtc-signal').length === 1)
    await sending
    ann.send({ type: 'webrtc-signal', room: 'lobby', to: peerOf(bob, 'nobody'), signal: 1, id: 'gone' })
    await waitFor(() => ann.transport.ofType('error').some(({ code }) => code === 'peer_gone'))
    for (let n = 0; n < 4; n++) {
      const more = await (n % 2 ? here : there).connect(`m${n}`)
      await more.request(join)
      expect(await more.request(media(true))).toMatchObject({ type: 'ack' })
      await waitFor(() => [here, there].every(node => node.realtime.context.calls.holds(roomId(), peerOf(more, `key-of-m${n}`))))
    }
    for (const node of [here, there]) {
      const late = await node.connect(`late-${node === here}`)
      await late.request(join)
      expect(await late.request(media(true))).toMatchObject({ code: 'conflict' })
    }
  })

  it('[RTC-5] of those who take the last places on both in the same instant, as many get one as there are', async () => {
    const many = await Promise.all(Array.from({ length: 12 }, (_, n) => (n % 2 ? here : there).connect(`n${n}`)))
    await Promise.all(many.map(client => client.request(join)))
    await Promise.all(many.map(async client => client.send({ ...media(true), id: 'take' })))
    const reply = (client: TestClient) => client.transport.frames.find(frame => 'ref' in frame && frame.ref === 'take')
    await waitFor(() => many.every(reply))
    expect(many.map(client => reply(client)!.type === 'ack' ? 'ack' : (reply(client) as { code: string }).code).toSorted()).toEqual([...Array<string>(6).fill('ack'), ...Array<string>(6).fill('conflict')])
    const [left] = many.filter(client => reply(client)!.type === 'ack')
    left!.send({ ...media(false), id: 'give' })
    const [late] = many.filter(client => reply(client)!.type === 'error')
    await waitFor(async () => {
      late!.send({ ...media(true), id: 'again' })
      await late!.settled()
      return late!.transport.frames.some(frame => frame.type === 'ack' && frame.ref === 'again')
    }, { interval: 200 })
  })

  it('[CON-8] the older connection of a peer is closed, whichever node it is on, unless the newer went first', async () => {
    const newer = await here.connect('bob', { userOf: bob })
    await waitFor(() => bob.connection.replacedAt !== undefined)
    here.realtime.closed(newer.connection)
    await waitFor(() => bob.connection.replacedAt === undefined)
    const newest = await here.connect('bob', { userOf: bob })
    await waitFor(() => bob.connection.replacedAt !== undefined)
    there.advance(10_001)
    expect(bob.transport.closed).toMatchObject({ code: 4409 })
    here.advance(10_001)
    expect(newest.transport.closed).toBeUndefined()
  })

  it('[CON-6] places of a user are counted over both', async () => {
    const open = Array.from({ length: 9 }, (_, n) => n)
    for (const n of open) await there.connect('bob', { userOf: bob, peerKey: `another-key-of-bob-${n}` })
    await waitFor(() => here.realtime.context.elsewhere.ofUser(bob.userId) === 10)
    const more = await here.connect('bob', { userOf: bob, peerKey: 'one-more-key-of-bob' })
    expect(more.transport.closed).toMatchObject({ code: 4429 })
  })

  it('[ACC-5] a knock is heard, seen by who comes later, answered and taken back on any node', async () => {
    await ann.request({ type: 'room-update', room: 'lobby', locked: true })
    const carl = await there.connect('carl')
    expect(await carl.request({ type: 'knock', room: 'lobby' })).toMatchObject({ type: 'ack' })
    await waitFor(() => ann.transport.ofType('knock').length === 1)
    const again = await here.connect('ann', { userOf: ann, peerKey: 'another-key-of-ann' })
    await again.request(join)
    expect(again.transport.ofType('knock')).toMatchObject([{ userId: carl.userId, userName: 'carl' }])
    await ann.request({ type: 'knock-answer', room: 'lobby', userId: carl.userId, admit: false })
    await waitFor(() => carl.transport.ofType('knock.answered').length === 1)
    await waitFor(() => there.realtime.context.knocks.at(roomId()).length === 0)
    expect(await carl.request({ type: 'knock', room: 'lobby' })).toMatchObject({ code: 'rate_limited' })
    const dora = await there.connect('dora')
    await dora.request({ type: 'knock', room: 'lobby' })
    await waitFor(() => here.realtime.context.knocks.at(roomId()).length === 1)
    expect(await ann.request({ type: 'knock-answer', room: 'lobby', userId: dora.userId, admit: true })).toMatchObject({ type: 'ack' })
    await waitFor(() => dora.transport.ofType('knock.answered').some(({ admitted }) => admitted))
    expect(await dora.request(join)).toMatchObject({ type: 'ack' })
  })

  it('[TYP-1] who types on another node is known here, for the bots too, and does not type for ever when that node dies', async () => {
    await bob.request({ type: 'typing', room: 'lobby', active: true })
    await waitFor(() => ann.transport.ofType('typing').at(-1)?.active)
    expect(here.realtime.context.typing.inRoom(roomId())).toBe(true)
    await buses[1].close()
    here.advance(13_000)
    await waitFor(() => ann.transport.ofType('typing').at(-1)?.active === false)
    expect(ann.transport.ofType('typing')).toHaveLength(2)
  })

  it('[RTC-6] a moderator switches off a microphone that is on another node', async () => {
    await bob.request(media(true))
    await waitFor(() => here.realtime.context.presence.inCall(roomId(), bob.userId).length === 1)
    expect(await ann.request({ type: 'media-control', room: 'lobby', userId: bob.userId, mic: false })).toMatchObject({ type: 'ack' })
    await waitFor(() => bob.transport.ofType('media.control').length === 1)
    await waitFor(() => ann.transport.ofType('presence').at(-1)?.member.peers[0]?.silenced)
  })

  it('[LOG-1] while Redis is away what others say comes late and all the same, in order; when it is back all is told again', async () => {
    const own = await startRedis()
    const away = [createRedisBus({ url: own.url, prefix: 'away' }), createRedisBus({ url: own.url, prefix: 'away' })] as const
    const made = await createTestNodes(away)
    await waitFor(() => away.every(bus => bus.isUp()))
    const [one, two] = made.nodes
    const eve = await one.connect('eve')
    const fred = await two.connect('fred')
    for (const client of [eve, fred]) await client.request(join)
    await own.stop()
    await waitFor(() => away.every(bus => !bus.isUp()))
    for (let n = 0; n < 10; n++) await Promise.all([eve.request(chat(`e${n}`)), fred.request(chat(`f${n}`))])
    const gone = await one.connect('gina')
    await gone.request(join)
    await waitFor(() => {
      for (const node of made.nodes) node.advance(2_001)
      return texts(eve).length === 20 && texts(fred).length === 20
    })
    expect(texts(fred)).toEqual(texts(eve))
    const seqs = fred.transport.frames.flatMap(frame => 'seq' in frame && frame.type === 'message.new' ? [frame.seq] : [])
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
    await own.start()
    await waitFor(() => seen(fred).includes('join gina'))
    await eve.request(chat('again'))
    await waitFor(() => texts(fred).at(-1) === 'again')
    await Promise.all(away.map(bus => bus.close()))
    await made.dispose()
    await own.stop()
    expect(made.nodes.flatMap(({ errors }) => errors)).toEqual([])
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RoomLog } from '../../../../server/log/types'
import { LIMITS } from '../../../../shared/protocol/limits'
import { createTestCore } from '../../../support/core'
import type { TestClient, TestCore } from '../../../support/core'

const join = { type: 'join', room: 'lobby' } as const
const state = { type: 'media-state', room: 'lobby', in_call: true, mic: true, cam: false, screen: false, hand: false } as const
const off = { ...state, in_call: false, mic: false } as const

let core: TestCore
let disk = { works: true }
beforeEach(async () => {
  disk = { works: true }
  core = await createTestCore((log: RoomLog) => ({
    ...log,
    append: (...args) => disk.works || args[1].type !== 'call' ? log.append(...args) : Promise.reject(new Error('disk')),
  }))
})
afterEach(() => core.dispose())

async function enter(...names: string[]): Promise<TestClient[]> {
  return Promise.all(names.map(async (name) => {
    const client = await core.connect(name)
    await client.request(join)
    return client
  }))
}
const peerOf = (client: TestClient, name: string) => `${client.userId}:key-of-${name}`
const pass = (ms: number, ...alive: TestClient[]) => Promise.all(Array.from({ length: Math.ceil(ms / 500) }, async () => {
  for (const client of alive) client.connection.heardAt = core.realtime.context.now()
  core.advance(500)
}))
const lines = (client: TestClient) => client.transport.ofType('room.line').map(({ line }) => line).filter(({ kind }) => kind.startsWith('call-'))
const told = (client: TestClient) => lines(client).map(({ kind }) => kind.replace('call-', ''))

describe('[RTC-5] places in a call', () => {
  it('gives the sixth place to one of two who take it in the same instant', async () => {
    const people = await enter('a', 'b', 'c', 'd', 'e', 'f', 'g')
    for (const one of people.slice(0, 5)) expect(await one.request(state)).toMatchObject({ type: 'ack' })
    const replies = await Promise.all(people.slice(5).map(one => one.request(state)))
    expect(replies.map(reply => reply.type).sort()).toEqual(['ack', 'error'])
    expect(replies).toContainEqual(expect.objectContaining({ code: 'conflict', room: 'lobby', retryable: false }))
    const inCall = core.realtime.context.presence.members(people[0]!.connection.rooms.get('lobby')!.room.id).flatMap(member => member.peers).filter(peer => peer.media?.in_call)
    expect(inCall).toHaveLength(LIMITS.callPlaces)
    await people[0]!.request(off)
    const refused = people[replies[0]!.type === 'error' ? 5 : 6]!
    expect(await refused.request(state)).toMatchObject({ type: 'ack' })
  })

  it('orders entries, and keeps the order of one who only says something new', async () => {
    const [ann, bob] = await enter('ann', 'bob') as [TestClient, TestClient]
    const n = async (client: TestClient, frame: object) => Number((await client.request({ ...state, ...frame }) as { place?: string }).place?.split('.')[1])
    const first = await n(ann, { enter: true })
    const second = await n(bob, {})
    expect(second).toBeGreaterThan(first)
    expect(await n(ann, { hand: true })).toBe(first)
    expect(await n(ann, { enter: true })).toBeGreaterThan(second)
  })

  it('keeps the place of one whose connection is cut for as long as it is remembered', async () => {
    const people = await enter('a', 'b', 'c', 'd', 'e', 'f', 'g')
    for (const one of people.slice(0, 6)) await one.request(state)
    const [first, ...others] = people as [TestClient, ...TestClient[]]
    core.realtime.closed(first.connection)
    await pass(50_000, ...others)
    expect(await people[6]!.request(state)).toMatchObject({ code: 'conflict' })
    await pass(11_000, ...others)
    expect(await people[6]!.request(state)).toMatchObject({ type: 'ack' })
    // Who comes back later has to ask again.
    const back = await core.connect('a', { userOf: first, peerKey: 'key-of-a' })
    await back.request(join)
    expect(await back.request(state)).toMatchObject({ code: 'conflict' })
  })

  it('gives one whose tab is gone for good the place it left over', async () => {
    const people = await enter('a', 'b', 'c', 'd', 'e', 'f')
    for (const one of people) await one.request(state)
    core.realtime.closed(people[0]!.connection)
    const again = await core.connect('a', { userOf: people[0], peerKey: 'another tab of a' })
    await again.request(join)
    expect(await again.request(state)).toMatchObject({ type: 'ack' })
  })

  it('takes one who is removed out of the call at once, though their signalling is cut', async () => {
    const [host, bob] = await enter('host', 'bob') as [TestClient, TestClient]
    for (const one of [host, bob]) await one.request(state)
    core.realtime.closed(bob.connection)
    await host.request({ type: 'member-update', room: 'lobby', userId: bob.userId, removed: true })
    expect(host.transport.ofType('presence').at(-1)).toMatchObject({ event: 'leave', member: { userId: bob.userId, peers: [] } })
    const { context } = core.realtime
    const roomId = host.connection.rooms.get('lobby')!.room.id
    expect([context.calls.holds(roomId, peerOf(bob, 'bob')), context.presence.count(roomId)]).toEqual([false, 1])
  })

  it('carries no signal between one who has a place and one who has none', async () => {
    const [ann, bob] = await enter('ann', 'bob') as [TestClient, TestClient]
    const signal = (from: TestClient, to: TestClient, name: string) => from.request({ type: 'webrtc-signal', room: 'lobby', to: peerOf(to, name), signal: 1 })
    await ann.request(state)
    expect(await signal(bob, ann, 'ann')).toMatchObject({ code: 'peer_gone' })
    expect(await signal(ann, bob, 'bob')).toMatchObject({ code: 'peer_gone' })
    await bob.request(state)
    expect(await signal(bob, ann, 'ann')).toMatchObject({ type: 'ack' })
  })
})

describe('[RTC-6] what a moderator switches off', () => {
  const mute = (client: TestClient) => ({ type: 'media-control', room: 'lobby', userId: client.userId, mic: false }) as const
  const media = (viewer: TestClient, client: TestClient) => viewer.transport.ofType('presence').findLast(frame => frame.member.userId === client.userId)?.member.peers[0]

  it('is told to the one concerned and to all, and never switched on again but by themselves', async () => {
    const [host, bob, eve] = await enter('host', 'bob', 'eve') as [TestClient, TestClient, TestClient]
    for (const one of [host, bob, eve]) await one.request({ ...state, hand: true })
    expect(await host.request({ ...mute(bob), hand: false })).toMatchObject({ type: 'ack' })
    expect(bob.transport.ofType('media.control')).toEqual([{ type: 'media.control', room: 'lobby', userId: host.userId, userName: host.user.name, mic: false, hand: false }])
    expect(eve.transport.ofType('media.control')).toEqual([])
    expect(media(eve, bob)).toMatchObject({ silenced: true, media: { mic: false, hand: false, in_call: true } })
    await bob.request({ ...state, mic: false })
    expect(media(eve, bob)).not.toHaveProperty('silenced')
    await bob.request(state)
    expect(media(eve, bob)).toMatchObject({ media: { mic: true } })
  })

  it('is refused to members, and against those who stand higher or are not in the call', async () => {
    const [host, bob, eve] = await enter('host', 'bob', 'eve') as [TestClient, TestClient, TestClient]
    for (const one of [host, bob]) await one.request(state)
    expect(await bob.request(mute(host))).toMatchObject({ code: 'forbidden' })
    expect(await host.request(mute(eve))).toMatchObject({ code: 'not_found' })
    expect(await host.request({ type: 'media-control', room: 'lobby', userId: bob.userId })).toMatchObject({ code: 'bad_frame' })
    bob.user.role = 'admin'
    expect(await host.request(mute(bob))).toMatchObject({ code: 'forbidden' })
  })

  it('holds while their signalling is cut, and is told when it is back', async () => {
    const [host, bob] = await enter('host', 'bob') as [TestClient, TestClient]
    for (const one of [host, bob]) await one.request(state)
    core.realtime.closed(bob.connection)
    await host.request(mute(bob))
    expect(media(host, bob)).toMatchObject({ silenced: true, media: { mic: false } })
    const back = await core.connect('bob', { userOf: bob, peerKey: 'key-of-bob' })
    // What was said before it could have heard of it counts for nothing.
    await back.request(join)
    expect(back.transport.ofType('media.control')).toHaveLength(1)
    await back.request({ ...state, mic: false })
    expect(media(host, bob)).not.toHaveProperty('silenced')
  })
})

describe('[RTC-7] the lines of a call', () => {
  it('starts with the first and ends some time after the last, once each', async () => {
    const [ann, bob] = await enter('ann', 'bob') as [TestClient, TestClient]
    await Promise.all([ann.request(state), bob.request(state)])
    await vi.waitFor(() => expect(told(ann)).toEqual(['started']))
    await ann.request(off)
    await bob.request(off)
    await pass(LIMITS.callGraceMs - 1_000, ann, bob)
    await bob.request({ ...state, enter: true })
    await bob.request(off)
    await pass(LIMITS.callGraceMs + 500, ann, bob)
    await vi.waitFor(() => expect(told(ann)).toEqual(['started', 'ended']))
    expect(lines(ann)).toMatchObject([{ userId: ann.userId, name: 'ann' }, { userId: bob.userId, name: 'bob' }])
    expect(core.errors).toEqual([])
  })

  it('tells one who comes later since when it is on', async () => {
    const [ann] = await enter('ann') as [TestClient]
    await ann.request(state)
    await vi.waitFor(() => expect(told(ann)).toEqual(['started']))
    const [bob] = await enter('bob') as [TestClient]
    expect(bob.transport.ofType('room.state')[0]?.call).toEqual({ started_at: lines(ann)[0]?.timestamp, elapsed_ms: expect.any(Number) })
  })

  it('is not doubled by a restart, and ends after one that nobody came back from', async () => {
    const [ann] = await enter('ann') as [TestClient]
    const roomId = ann.connection.rooms.get('lobby')!.room.id
    await core.log.append(roomId, { type: 'call', userId: 'u', userName: 'before', state: 'started' })
    await ann.request(state)
    await ann.request(off)
    await pass(LIMITS.callGraceMs + 500, ann)
    await vi.waitFor(() => expect(told(ann)).toEqual(['ended']))
    await core.log.append(roomId, { type: 'call', userId: 'u', userName: 'before', state: 'started' })
    await pass(LIMITS.mediaMemoryMs, ann)
    await vi.waitFor(() => expect(told(ann)).toEqual(['ended', 'ended']))
  })

  it('is written once the disk takes it again', async () => {
    const [ann] = await enter('ann') as [TestClient]
    disk.works = false
    await ann.request(state)
    await vi.waitFor(() => expect(core.errors).toHaveLength(1))
    disk.works = true
    await pass(6_000, ann)
    await vi.waitFor(() => expect(told(ann)).toEqual(['started']))
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectOver, TRANSPORTS } from '../../support/client'
import type { Client } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import { LIMITS } from '#shared/protocol/limits'

let server: TestServer
const STATE = { in_call: true, mic: true, cam: false, screen: false, hand: false }
const OFF = { ...STATE, in_call: false, mic: false }

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)

  async function enter(room: string, name: string): Promise<Client> {
    const client = await connect(server, { user: await createUser(server, name) })
    await client.join(room)
    return client
  }
  const state = (room: string, part: object = {}) => ({ type: 'media-state' as const, room, ...STATE, ...part })

  test('[RTC-5] of two who take the last place in the same instant one gets it, and the other once somebody leaves', async () => {
    const room = unique('places')
    const people: Client[] = []
    for (let n = 0; n <= LIMITS.callPlaces; n++) people.push(await enter(room, `P${n}`))
    for (const one of people.slice(0, -2)) await one.ack(state(room))
    const replies = await Promise.all(people.slice(-2).map(one => one.request(state(room))))
    expect(replies.map(reply => reply.type).sort()).toEqual(['ack', 'error'])
    expect(replies.find(reply => reply.type === 'error')).toMatchObject({ code: 'conflict', room, retryable: false })
    await people[0]?.ack(state(room, OFF))
    await people.at(replies[0]?.type === 'error' ? -2 : -1)?.ack(state(room))
  })

  test('[RTC-5][RTC-6][RTC-7] hosts mute and remove, members do neither, and the room hears when the call starts', async () => {
    const room = unique('host')
    const host = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    expect(Number((await host.ack(state(room, { enter: true }))).place?.split('.')[1])).toBeGreaterThan(0)
    await bob.ack(state(room))
    expect((await bob.next('room.line', frame => frame.line.kind === 'call-started')).line).toMatchObject({ userId: host.userId, name: 'Ann' })
    expect((await bob.refused({ type: 'media-control', room, userId: host.userId, mic: false })).code).toBe('forbidden')
    await host.ack({ type: 'media-control', room, userId: bob.userId, mic: false })
    expect(await bob.next('media.control')).toEqual({ type: 'media.control', room, userId: host.userId, userName: 'Ann', mic: false })
    const isSilenced = (frame: { member: { userId: string, peers: { silenced?: true }[] } }) => frame.member.userId === bob.userId && frame.member.peers.some(peer => peer.silenced)
    await host.next('presence', isSilenced)
    await host.ack({ type: 'member-update', room, userId: bob.userId, removed: true })
    await host.next('presence', frame => frame.event === 'leave' && frame.member.userId === bob.userId)
    expect((await bob.refused(state(room))).code).toBe('forbidden')
    expect((await host.refused({ type: 'webrtc-signal', room, to: bob.peerId, signal: 1 })).code).toBe('peer_gone')
    const { state: seen } = await (await connect(server)).join(room)
    expect(seen.call).toEqual({ started_at: expect.any(String), elapsed_ms: expect.any(Number) })
    expect(host.all('room.line').filter(({ line }) => line.kind === 'call-started')).toHaveLength(1)
  })
})

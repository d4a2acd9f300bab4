import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectOver, TRANSPORTS } from '../../support/client'
import type { Client } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import { waitFor } from '../../support/wait'
import type { Member } from '#shared/protocol/frames'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)

  async function watched(prefix: string): Promise<{ room: string, watcher: Client }> {
    const room = unique(prefix)
    const watcher = await connect(server, { userName: 'Watcher' })
    await watcher.join(room)
    return { room, watcher }
  }

  function peersOf(members: Member[], userId: string): string[] {
    return members.find(member => member.userId === userId)?.peers.map(peer => peer.peer_id).sort() ?? []
  }

  test('[PRS-1] join comes with the first tab only; each tab is a peer of one member', async () => {
    const { room, watcher } = await watched('tabs')
    const user = await createUser(server, 'Ann')
    const tabs: Client[] = []
    for (let n = 0; n < 3; n++) {
      const tab = await connect(server, { user })
      await tab.join(room)
      tabs.push(tab)
    }
    const all = tabs.map(tab => tab.peerId).sort()
    await waitFor(() => peersOf(watcher.all('presence').map(frame => frame.member), user.id).length > 0)
    await watcher.next('presence', frame => frame.event === 'update' && peersOf([frame.member], user.id).length === 3)
    const events = watcher.all('presence', frame => frame.member.userId === user.id)
    expect(events.map(frame => frame.event)).toEqual(['join', 'update', 'update'])
    expect(events[0]).toMatchObject({ room, member: { userId: user.id, name: 'Ann', role: 'member', status: 'online', peers: [{ peer_id: tabs[0]?.peerId, media: null }] } })
    expect(peersOf(events.map(frame => frame.member).slice(-1), user.id)).toEqual(all)
    const late = await connect(server)
    const { state } = await late.join(room)
    expect(state.members.filter(member => member.userId === user.id)).toHaveLength(1)
    expect(peersOf(state.members, user.id)).toEqual(all)
  })

  test('[PRS-1] a reload is silent: no leave, no second join', async () => {
    const { room, watcher } = await watched('reload')
    const user = await createUser(server, 'Ann')
    const peerKey = crypto.randomUUID()
    const before = await connect(server, { user, peerKey })
    await before.join(room)
    await before.close()
    const after = await connect(server, { user, peerKey })
    await after.join(room)
    await after.chat(room, 'back')
    await watcher.next('message.new')
    await watcher.settle()
    expect(watcher.all('presence', frame => frame.member.userId === user.id).map(frame => frame.event).filter(event => event !== 'update')).toEqual(['join'])
    expect(peersOf((await watcher.join(room)).state.members, user.id)).toEqual([after.peerId])
  })

  test('[PRS-1] the one who joins learns of the others from room.state, and of no room they are not in', async () => {
    const one = await watched('one')
    const two = await watched('two')
    const ann = await connect(server, { userName: 'Ann' })
    await ann.join(one.room)
    await one.watcher.next('presence', frame => frame.member.userId === ann.userId)
    await two.watcher.settle()
    expect(two.watcher.all('presence', frame => frame.member.userId === ann.userId)).toEqual([])
  })

  test('[PRS-1] [PRS-3] a status is seen by the others, and by who comes later', async () => {
    const { room, watcher } = await watched('status')
    const ann = await connect(server, { userName: 'Ann' })
    await ann.join(room)
    for (const status of ['away', 'dnd', 'online', 'away'] as const) {
      await ann.ack({ type: 'presence', status })
      await watcher.next('presence', frame => frame.event === 'update' && frame.member.userId === ann.userId && frame.member.status === status)
    }
    const late = await connect(server)
    expect((await late.join(room)).state.members.find(member => member.userId === ann.userId)?.status).toBe('away')
  })

  test('[RES-9] [PRS-1] leaving the room by choice leaves no peer behind', async () => {
    const { room, watcher } = await watched('left')
    const ann = await connect(server, { userName: 'Ann' })
    await ann.join(room)
    await ann.ack({ type: 'leave', room })
    await waitFor(async () => peersOf((await watcher.join(room)).state.members, ann.userId).length === 0)
  })

  test('[TYP-1] typing reaches the others with id and name, not the typist', async () => {
    const { room, watcher } = await watched('typing')
    const user = await createUser(server, 'Ann')
    const ann = await connect(server, { user })
    const tab = await connect(server, { user })
    await ann.join(room)
    await tab.join(room)
    await ann.ack({ type: 'typing', room, active: true })
    expect(await watcher.next('typing')).toEqual({ type: 'typing', room, userId: user.id, userName: 'Ann', active: true })
    await ann.ack({ type: 'typing', room, active: false })
    expect(await watcher.next('typing')).toMatchObject({ userId: user.id, active: false })
    await ann.settle()
    expect(ann.all('typing')).toEqual([])
  })

  test('[TYP-1] a message ends typing, and so does a leave', async () => {
    const { room, watcher } = await watched('ends')
    const ann = await connect(server, { userName: 'Ann' })
    await ann.join(room)
    await ann.ack({ type: 'typing', room, active: true })
    await watcher.next('typing', frame => frame.active)
    await ann.chat(room, 'done')
    await watcher.next('typing', frame => !frame.active)
    await ann.ack({ type: 'typing', room, active: true })
    await watcher.next('typing', frame => frame.active)
    await ann.ack({ type: 'leave', room })
    await watcher.next('typing', frame => !frame.active)
  })

  test('[PRS-1] presence, typing and signals are never stored', async () => {
    const { room, watcher } = await watched('ephemeral')
    const ann = await connect(server, { userName: 'Ann' })
    await ann.join(room)
    await ann.ack({ type: 'typing', room, active: true })
    await ann.ack({ type: 'presence', status: 'dnd' })
    await ann.ack({ type: 'webrtc-signal', room, to: watcher.peerId, signal: { sdp: 'x' } })
    await ann.ack({ type: 'media-state', room, in_call: true, mic: true, cam: true, screen: false, hand: false })
    await watcher.next('webrtc-signal')
    expect((await ann.join(room, { from_seq: 0 })).end).toMatchObject({ head: 0, totalAvailable: 0 })
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectOver, TRANSPORTS } from '../../support/client'
import type { Client } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import type { TestUser } from '../../support/session'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)

  async function scene(prefix: string): Promise<{ room: string, host: Client, member: Client, user: TestUser }> {
    const room = unique(prefix)
    const host = await connect(server, { userName: 'Host' })
    const user = await createUser(server, 'Member')
    const member = await connect(server, { user })
    await host.join(room)
    await member.join(room)
    return { room, host, member, user }
  }

  test('[ROOM-1] [LOG-7] members do not moderate', async () => {
    const { room, host, member } = await scene('members')
    for (const frame of [
      { type: 'clear', room }, { type: 'room-update', room, locked: true }, { type: 'room-update', room, title: 'Mine' },
      { type: 'member-update', room, userId: host.userId, muted: true }, { type: 'member-update', room, userId: host.userId, removed: true },
      { type: 'member-update', room, userId: member.userId, role: 'host' },
    ]) expect(await member.refused(frame), JSON.stringify(frame)).toMatchObject({ code: 'forbidden', room })
    expect((await host.join(room)).state).toMatchObject({ head: 0, locked: false })
  })

  test('[LOG-7] a muted member reads and does not write, until unmuted; it survives a reconnect', async () => {
    const { room, host, member, user } = await scene('mute')
    const { messageId } = await member.chat(room, 'before')
    await host.ack({ type: 'member-update', room, userId: user.id, muted: true })
    expect(await member.next('room.updated')).toMatchObject({ room, seq: 2, userId: host.userId, member: { userId: user.id, muted: true } })
    expect(await member.refused({ type: 'chat', room, text: 'x', client_msg_id: 'x' })).toMatchObject({ code: 'forbidden' })
    expect(await member.refused({ type: 'edit', room, messageId, text: 'x' })).toMatchObject({ code: 'forbidden' })
    await host.chat(room, 'listen')
    await member.next('message.new', frame => frame.content.text === 'listen')
    const tab = await connect(server, { user })
    expect((await tab.join(room)).state.you.muted).toBe(true)
    expect(await tab.refused({ type: 'chat', room, text: 'x', client_msg_id: 'x' })).toMatchObject({ code: 'forbidden' })
    await host.ack({ type: 'member-update', room, userId: user.id, muted: false })
    await tab.chat(room, 'thanks')
  })

  test('[LOG-7] who is removed is told, hears no more, and cannot come back until allowed', async () => {
    const { room, host, member, user } = await scene('remove')
    const tab = await connect(server, { user })
    await tab.join(room)
    await host.ack({ type: 'member-update', room, userId: user.id, removed: true })
    for (const client of [member, tab]) expect(await client.next('error')).toMatchObject({ room, code: 'forbidden' })
    await host.chat(room, 'without them')
    for (const client of [member, tab]) {
      await client.settle()
      expect(client.all('message.new', frame => frame.content.text === 'without them')).toEqual([])
      expect(await client.refused({ type: 'join', room })).toMatchObject({ code: 'forbidden' })
      expect(client.isOpen).toBe(true)
    }
    expect((await host.join(room)).state.members.map(each => each.userId)).not.toContain(user.id)
    expect((await host.refused({ type: 'webrtc-signal', room, to: member.peerId, signal: 1 })).code).toBe('peer_gone')
    await host.ack({ type: 'member-update', room, userId: user.id, removed: false })
    expect((await member.join(room)).entries.length).toBeGreaterThan(0)
  })

  test('[LOG-7] a locked room takes nobody new; those it has come and go', async () => {
    const { room, host, member } = await scene('lock')
    await host.ack({ type: 'room-update', room, locked: true })
    expect(await member.next('room.updated')).toMatchObject({ locked: true })
    const stranger = await connect(server)
    expect(await stranger.refused({ type: 'join', room })).toMatchObject({ code: 'forbidden', room })
    await member.ack({ type: 'leave', room })
    expect((await member.join(room)).state.locked).toBe(true)
    await host.ack({ type: 'room-update', room, locked: false })
    await stranger.join(room)
  })

  test('[LOG-7] a new title is an entry, and in the state of who joins later', async () => {
    const { room, host, member } = await scene('title')
    await host.ack({ type: 'room-update', room, title: ' Tea  & biscuits ' })
    expect(await member.next('room.updated')).toMatchObject({ seq: 1, title: 'Tea & biscuits' })
    const late = await connect(server)
    expect((await late.join(room)).state.title).toBe('Tea & biscuits')
  })

  test('[LOG-7] a host can make another host, who then moderates', async () => {
    const { room, host, member, user } = await scene('host')
    await host.ack({ type: 'member-update', room, userId: user.id, role: 'host' })
    await member.next('presence', frame => frame.member.userId === user.id && frame.member.role === 'host')
    await member.chat(room, 'x')
    await member.ack({ type: 'clear', room })
  })

  test('[LOG-7] who is not in the room cannot be moderated, and nobody is made up', async () => {
    const { room, host } = await scene('nobody')
    for (const userId of ['nobody', '__proto__', (await createUser(server)).id]) {
      expect((await host.refused({ type: 'member-update', room, userId, muted: true })).code, userId).toBe('not_found')
    }
  })

  test('[ROOM-1] operators and administrators moderate every room', async () => {
    const admin = await createUser(server, 'Admin')
    const operator = await createUser(server, 'Operator')
    const { room, member } = await scene('global')
    const { messageId } = await member.chat(room, 'off topic')
    const { room: second, member: writer } = await scene('global')
    const { messageId: other } = await writer.chat(second, 'off topic')
    await server.restart({ NUXT_ADMINS: `someone, ${admin.id}`, NUXT_OPERATORS: operator.id })
    for (const { user, place, id, role } of [{ user: admin, place: room, id: messageId, role: 'admin' }, { user: operator, place: second, id: other, role: 'operator' }]) {
      const client = await connect(server, { user })
      expect(client.established.user.role).toBe(role)
      await client.join(place)
      await client.ack({ type: 'delete', room: place, messageId: id })
      await client.ack({ type: 'clear', room: place })
      await client.ack({ type: 'room-update', room: place, locked: true })
    }
  })
})

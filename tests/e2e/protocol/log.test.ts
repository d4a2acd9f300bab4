import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectOver, TRANSPORTS } from '../../support/client'
import type { Client } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, get, unique } from '../../support/session'
import type { Entry, Message } from '#shared/protocol/frames'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)

  async function pair(prefix: string): Promise<{ room: string, ann: Client, bob: Client }> {
    const room = unique(prefix)
    const ann = await connect(server, { userName: 'Ann' })
    const bob = await connect(server, { userName: 'Bob' })
    await ann.join(room)
    await bob.join(room)
    return { room, ann, bob }
  }

  async function logOf(client: Client, room: string, query = 'from_seq=0&limit=500'): Promise<{ entries: Entry[], head: number, epoch: string }> {
    const token = tokens.get(client)
    const { status, body } = await get(server, `/api/rooms/${room}/log?${query}`, token ? { token } : undefined)
    expect(status).toBe(200)
    return body as { entries: Entry[], head: number, epoch: string }
  }
  const tokens = new WeakMap<Client, string>()

  async function withToken(name: string): Promise<Client> {
    const user = await createUser(server, name)
    const client = await connect(server, { user })
    tokens.set(client, user.token)
    return client
  }

  test('[LOG-1] seq is 1, 2, 3 … over every kind of entry, and each room has its own', async () => {
    const room = unique('kinds')
    const ann = await withToken('Ann')
    const other = unique('kinds')
    await ann.join(room)
    await ann.join(other)
    const first = await ann.chat(room, 'one')
    const second = await ann.chat(room, 'two')
    expect((await ann.chat(other, 'elsewhere')).seq).toBe(1)
    await ann.ack({ type: 'edit', room, messageId: first.messageId, text: 'one, better' })
    await ann.ack({ type: 'react', room, messageId: first.messageId, emoji: '\u{1F44D}', op: 'add' })
    await ann.ack({ type: 'delete', room, messageId: second.messageId })
    await ann.ack({ type: 'room-update', room, title: 'Kinds' })
    await ann.ack({ type: 'clear', room })
    await ann.chat(room, 'three')
    await ann.next('message.new', frame => frame.content.text === 'three')
    const live = ann.frames.filter(frame => 'seq' in frame && frame.type !== 'ack' && frame.room === room) as Entry[]
    expect(live.map(frame => [frame.seq, frame.type])).toEqual([
      [1, 'message.new'], [2, 'message.new'], [3, 'message.edited'], [4, 'reaction'],
      [5, 'message.deleted'], [6, 'room.updated'], [7, 'clear'], [8, 'message.new'],
    ])
  })

  test('[LOG-1] concurrent writers in one room get a gap-free sequence, the same for everyone', async () => {
    const room = unique('crowd')
    const clients = await Promise.all(Array.from({ length: 8 }, (_, n) => connect(server, { userName: `W${n}` })))
    for (const client of clients) await client.join(room)
    const acks = await Promise.all(clients.flatMap((client, c) => Array.from({ length: 50 }, (_, n) => client.chat(room, `${c}/${n}`))))
    expect(acks.map(ack => ack.seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, n) => n + 1))
    for (const client of clients) await client.next('message.new', frame => frame.seq === 400)
    const views = clients.map(client => client.all('message.new').map(frame => `${frame.seq} ${frame.content.text}`))
    expect(views[0]?.map(line => Number(line.split(' ')[0]))).toEqual(Array.from({ length: 400 }, (_, n) => n + 1))
    for (const view of views) expect(view).toEqual(views[0])
    for (let c = 0; c < 8; c++) {
      const own = views[0]?.flatMap(line => line.split(' ')[1]?.startsWith(`${c}/`) ? [Number(line.split('/')[1])] : [])
      expect(own, 'each writer\'s messages keep their order').toEqual(Array.from({ length: 50 }, (_, n) => n))
    }
  })

  test('[LOG-1] the epoch and the sequence survive a restart', async () => {
    const user = await createUser(server)
    const room = unique('restart')
    const before = await connect(server, { user })
    const { state } = await before.join(room)
    await before.chat(room, 'before')
    await server.restart()
    const after = await connect(server, { user })
    const again = await after.join(room)
    expect(again.state.epoch).toBe(state.epoch)
    expect(again.entries).toMatchObject([{ seq: 1, content: { text: 'before' } }])
    expect((await after.chat(room, 'after')).seq).toBe(2)
  })

  test('[LOG-3] a message carries its author, content and time, and its sender sees it too', async () => {
    const { room, ann, bob } = await pair('shape')
    const root = await ann.chat(room, '**bold** & <b>raw</b>', { client_msg_id: 'c1' })
    await ann.chat(room, 'reply', { client_msg_id: 'c2', thread_id: root.messageId, in_reply_to: root.messageId })
    for (const client of [ann, bob]) {
      const message = await client.next('message.new', frame => frame.seq === 1)
      expect(message).toEqual({
        type: 'message.new',
        room,
        seq: 1,
        messageId: root.messageId,
        client_msg_id: 'c1',
        userId: ann.userId,
        userName: 'Ann',
        content: { text: '**bold** & <b>raw</b>', type: 'user', actor_type: 'client', format: 'markdown' },
        timestamp: root.timestamp,
        metadata: expect.any(Object),
      })
      expect(await client.next('message.new', frame => frame.seq === 2)).toMatchObject({ thread_id: root.messageId, in_reply_to: root.messageId })
    }
  })

  test('[ACC-4] what names a thread or a file that is not there is refused, and stores nothing', async () => {
    const { room, ann, bob } = await pair('nothing')
    const elsewhere = unique('elsewhere')
    await ann.join(elsewhere)
    const other = await ann.chat(elsewhere, 'of another room')
    const root = await ann.chat(room, 'root')
    const reply = await bob.chat(room, 'reply', { client_msg_id: 'r1', thread_id: root.messageId })
    const gone = await ann.chat(room, 'gone')
    await ann.ack({ type: 'delete', room, messageId: gone.messageId })
    for (const thread_id of ['no-such-message', other.messageId, reply.messageId, gone.messageId]) {
      expect(await bob.refused({ type: 'chat', room, text: 'lost', client_msg_id: `t-${thread_id}`, thread_id })).toMatchObject({ code: 'not_found', message: expect.stringContaining('thread_id') })
    }
    const attachments = [{ id: 'f1', name: 'a.txt', type: 'text/plain', size: 3 }]
    expect(await bob.refused({ type: 'chat', room, text: 'lost', client_msg_id: 'f', attachments })).toMatchObject({ code: 'not_found', message: expect.stringContaining('attachments') })
    // What was accepted once is acked again, though its thread is gone meanwhile.
    await ann.ack({ type: 'delete', room, messageId: root.messageId })
    expect(await bob.chat(room, 'reply', { client_msg_id: 'r1', thread_id: root.messageId })).toMatchObject({ seq: reply.seq, duplicate: true })
    expect((await bob.chat(room, 'said')).seq).toBe(6)
  })

  test('[LOG-4] a client_msg_id counts once per room and user, for ever; a repeat gets the first ack', async () => {
    const { room, ann, bob } = await pair('once')
    const user = await createUser(server, 'Cleo')
    const cleo = await connect(server, { user })
    await cleo.join(room)
    const said = { type: 'chat', room, text: 'once', client_msg_id: 'same' }
    const first = await cleo.ack(said)
    expect(first).toEqual({ type: 'ack', ref: first.ref, room, seq: 1, messageId: expect.any(String), client_msg_id: 'same', timestamp: expect.any(String) })
    const { ref: _ref, ...result } = first
    expect(await cleo.ack(said)).toEqual({ ...result, ref: expect.any(String), duplicate: true })
    expect(await cleo.ack({ ...said, text: 'another text' })).toMatchObject({ ...result, duplicate: true })

    const tab = await connect(server, { user })
    await tab.join(room)
    expect(await tab.ack(said)).toMatchObject({ ...result, duplicate: true })

    expect((await ann.ack(said)).seq, 'another user\'s is their own').toBe(2)
    const elsewhere = unique('once')
    await cleo.join(elsewhere)
    const there = await cleo.ack({ ...said, room: elsewhere })
    expect(there).toMatchObject({ seq: 1 })
    expect(there.duplicate).toBeUndefined()

    await cleo.ack({ type: 'delete', room, messageId: first.messageId })
    expect(await cleo.ack(said), 'also after it was deleted').toMatchObject({ seq: 1, duplicate: true })
    await ann.ack({ type: 'clear', room })
    expect(await cleo.ack(said), 'also after it was cleared').toMatchObject({ seq: 1, duplicate: true })
    await server.restart()
    const later = await connect(server, { user })
    await later.join(room)
    expect(await later.ack(said), 'also after a restart').toMatchObject({ ...result, duplicate: true })
    expect(bob.all('message.new', frame => frame.client_msg_id === 'same')).toHaveLength(2)
  })

  test('[LOG-4] repeats at the same moment, from many tabs, store one message', async () => {
    const user = await createUser(server)
    const room = unique('race')
    const tabs = await Promise.all(Array.from({ length: 6 }, () => connect(server, { user })))
    for (const tab of tabs) await tab.join(room)
    const acks = await Promise.all(tabs.flatMap(tab => Array.from({ length: 5 }, () => tab.ack({ type: 'chat', room, text: 'racing', client_msg_id: 'racer' }))))
    expect(new Set(acks.map(ack => `${ack.seq} ${ack.messageId} ${ack.timestamp}`)).size).toBe(1)
    expect(acks.filter(ack => !ack.duplicate)).toHaveLength(1)
    const reader = await connect(server)
    expect((await reader.join(room)).entries).toHaveLength(1)
  })

  test('[LOG-4] prototype keys are fine as client_msg_id', async () => {
    const { room, ann } = await pair('proto')
    for (const id of ['__proto__', 'constructor', 'hasOwnProperty']) {
      expect(await ann.ack({ type: 'chat', room, text: id, client_msg_id: id })).not.toHaveProperty('duplicate')
      expect(await ann.ack({ type: 'chat', room, text: id, client_msg_id: id })).toMatchObject({ duplicate: true, client_msg_id: id })
    }
  })

  test('[LOG-1] only who is in the room writes to it', async () => {
    const { room, ann } = await pair('outside')
    const { messageId } = await ann.chat(room, 'inside')
    const eve = await connect(server, { userName: 'Eve' })
    const frames = [
      { type: 'chat', room, text: 'x', client_msg_id: 'x' }, { type: 'edit', room, messageId, text: 'x' }, { type: 'delete', room, messageId },
      { type: 'react', room, messageId, emoji: '\u{1F44D}', op: 'add' }, { type: 'clear', room }, { type: 'typing', room, active: true },
      { type: 'media-state', room, in_call: true, mic: true, cam: true, screen: false, hand: false },
    ]
    for (const frame of frames) expect(['forbidden', 'not_found', 'conflict'], frame.type).toContain((await eve.refused(frame)).code)
    expect((await ann.chat(room, 'undisturbed')).seq).toBe(2)
  })

  test('[LOG-2] whoever sees a message finds it in the log at once', async () => {
    const room = unique('visible')
    const ann = await withToken('Ann')
    await ann.join(room)
    for (let n = 1; n <= 20; n++) {
      await ann.chat(room, `${n}`)
      const { entries, head } = await logOf(ann, room, `from_seq=${n - 1}&limit=500`)
      expect(head).toBe(n)
      expect((entries as Message[]).map(entry => entry.content.text)).toEqual([`${n}`])
    }
  })
})

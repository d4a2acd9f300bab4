import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectOver, TRANSPORTS } from '../../support/client'
import type { Client } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, get, unique } from '../../support/session'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)
  // Elsewhere the `ack` is in the answer to the request that asked, and in no order with the frames (SSE-3).
  const ackInLine = transport === 'websocket' ? ['ack'] : []

  function orderFrom(client: Client, from: number): string[] {
    return client.frames.slice(from).map(frame => frame.type).filter(type => type !== 'presence' && (type !== 'ack' || ackInLine.length > 0))
  }

  async function filled(prefix: string, count: number): Promise<{ room: string, host: Client }> {
    const room = unique(prefix)
    const host = await connect(server, { userName: 'Host' })
    await host.join(room)
    await Promise.all(Array.from({ length: count }, (_, n) => host.chat(room, `m${n + 1}`)))
    return { room, host }
  }

  test.each(['a', 'lobby', '0', 'a-b-c', `x${'y'.repeat(63)}`, 'constructor', 'a-'])('[ROOM-1] "%s" is a room\'s name', async (name) => {
    const client = await connect(server)
    expect((await client.join(name)).state.room).toBe(name)
    await client.close()
  })

  test('[ROOM-1] whoever joins first makes the room and hosts it, the others are members', async () => {
    const room = unique('made')
    const user = await createUser(server, 'Host')
    const host = await connect(server, { user })
    const guest = await connect(server, { userName: 'Guest' })
    const made = await host.join(room)
    const joined = await guest.join(room)
    expect(made.state.you.role).toBe('host')
    expect(joined.state.you.role).toBe('member')
    expect(made.state.you.can.length).toBeGreaterThan(joined.state.you.can.length)
    expect(joined.state.members.map(member => member.role).sort()).toEqual(['host', 'member'])
    await host.close()
    const again = await connect(server, { user })
    expect((await again.join(room)).state.you.role).toBe('host')
  })

  test('[RES-2] a join is answered by ack, room.state, entries, replay.end, in that order', async () => {
    const { room, host } = await filled('order', 3)
    const client = await connect(server, { userName: 'Late' })
    client.send({ type: 'join', id: 'j', room })
    await client.next('replay.end')
    expect(orderFrom(client, 1)).toEqual([...ackInLine, 'room.state', 'message.replay', 'message.replay', 'message.replay', 'replay.end'])
    expect(await client.reply('j')).toMatchObject({ type: 'ack', room })
    const state = await client.next('room.state')
    expect(state).toMatchObject({ room, name: room, kind: expect.any(String), epoch: expect.stringMatching(/\S/), head: 3, floor: 0, bots: ['host', 'facilitator', 'guide'].map(id => expect.objectContaining({ id, enabled: false, engine: 'built-in' })), streams: [], you: { role: 'member' } })
    expect(state.members.map(member => member.name).sort()).toEqual(['Host', 'Late'])
    expect(state.members.find(member => member.name === 'Host')).toMatchObject({ userId: host.userId, role: 'host', status: 'online', peers: [{ peer_id: host.peerId }] })
    expect(state.members.find(member => member.name === 'Late')?.peers.map(peer => peer.peer_id)).toEqual([client.peerId])
  })

  test('[RES-3] without from_seq: the newest 50 messages, or as many as asked for, at most 256', async () => {
    const { room } = await filled('newest', 300)
    const client = await connect(server)
    const seqs = async (limit?: number): Promise<number[]> => (await client.join(room, limit === undefined ? {} : { limit })).entries.map(entry => entry.seq)
    const last = (count: number): number[] => Array.from({ length: count }, (_, n) => 300 - count + n + 1)
    expect(await seqs()).toEqual(last(50))
    expect(await seqs(1)).toEqual(last(1))
    expect(await seqs(256)).toEqual(last(256))
    const beyond = await client.request({ type: 'join', room, limit: 257 })
    if (beyond.type === 'error') expect(beyond).toMatchObject({ code: 'bad_frame', message: expect.stringContaining('limit') })
    else expect((await client.next('replay.end'), client.frames.slice(client.frames.indexOf(beyond)).filter(frame => frame.type === 'message.replay').length)).toBeLessThanOrEqual(256)
  })

  test('[RES-3] [RES-4] without from_seq: messages only, each as it is now', async () => {
    const { room, host } = await filled('present', 4)
    const { entries } = await host.join(room)
    const ids = entries.map(entry => 'messageId' in entry ? entry.messageId : '')
    await host.ack({ type: 'edit', room, messageId: ids[0] ?? '', text: 'edited' })
    await host.ack({ type: 'delete', room, messageId: ids[1] ?? '' })
    await host.ack({ type: 'react', room, messageId: ids[2] ?? '', emoji: '\u{1F389}', op: 'add' })
    const client = await connect(server)
    const fresh = await client.join(room)
    expect(new Set(fresh.entries.map(entry => entry.type))).toEqual(new Set(['message.replay']))
    expect(fresh.entries).toMatchObject([
      { seq: 1, content: { text: 'edited' } }, { seq: 2, deleted: true, content: { text: '' } },
      { seq: 3, reactions: { '\u{1F389}': [host.userId] } }, { seq: 4, content: { text: 'm4' } },
    ])
    expect(fresh.end.head).toBe(7)
  })

  test('[RES-3] [RES-4] [RES-5] with from_seq: every entry after it, oldest first', async () => {
    const { room, host } = await filled('since', 5)
    const { state, entries: [first] } = await host.join(room)
    if (!first || !('messageId' in first)) throw new Error('no first message')
    await host.ack({ type: 'edit', room, messageId: first.messageId ?? '', text: 'm1, edited' })
    await host.ack({ type: 'react', room, messageId: first.messageId ?? '', emoji: '\u{1F389}', op: 'add' })
    const client = await connect(server)
    const { entries, end } = await client.join(room, { from_seq: 3, epoch: state.epoch })
    expect(entries.map(entry => [entry.seq, entry.type])).toEqual([[4, 'message.replay'], [5, 'message.replay'], [6, 'message.edited'], [7, 'reaction']])
    expect(entries.slice(2)).toMatchObject([{ replay: true }, { replay: true }])
    expect(end).toEqual({ type: 'replay.end', room, from_seq: 3, lastReplayedSeq: 7, totalAvailable: 4, head: 7 })

    const nothing = await client.join(room, { from_seq: 7, epoch: state.epoch })
    expect(nothing.entries).toEqual([])
    expect(nothing.end).toMatchObject({ from_seq: 7, lastReplayedSeq: 7, totalAvailable: 0, head: 7 })
  })

  test('[RES-4] a replayed message has the same fields as the live one', async () => {
    const { room, host } = await filled('same', 2)
    const live = (await host.next('message.new', frame => frame.room === room && frame.seq === 2))
    const client = await connect(server)
    const { entries } = await client.join(room, { from_seq: 1 })
    expect(entries).toEqual([{ ...live, type: 'message.replay' }])
  })

  test('[RES-3] [RES-5] at most 200 entries are replayed; the rest is paged over HTTP', async () => {
    const { room } = await filled('many', 730)
    const user = await createUser(server)
    const client = await connect(server, { user })
    const { entries, end, state } = await client.join(room, { from_seq: 10 })
    expect(entries.map(entry => entry.seq)).toEqual(Array.from({ length: 200 }, (_, n) => 11 + n))
    expect(end).toMatchObject({ from_seq: 10, lastReplayedSeq: 210, totalAvailable: 720, head: 730 })
    const texts: string[] = []
    for (let from = 210; from < 730;) {
      const { status, body } = await get(server, `/api/rooms/${room}/log?from_seq=${from}&limit=500`, user)
      expect(status).toBe(200)
      const page = body as { entries: { seq: number, content: { text: string } }[], head: number, epoch: string }
      expect(page).toMatchObject({ head: 730, epoch: state.epoch })
      expect(page.entries.length).toBeLessThanOrEqual(500)
      expect(page.entries[0]?.seq).toBe(from + 1)
      texts.push(...page.entries.map(entry => entry.content.text))
      from = page.entries.at(-1)?.seq ?? 730
    }
    expect(texts).toHaveLength(520)
    expect(new Set(texts).size).toBe(520)
    const small = await get(server, `/api/rooms/${room}/log?from_seq=700&limit=7`, user)
    expect((small.body as { entries: { seq: number }[] }).entries.map(entry => entry.seq)).toEqual([701, 702, 703, 704, 705, 706, 707])
  })

  test('[RES-6] another epoch, or a cursor from the future, resets and joins afresh', async () => {
    const { room, host } = await filled('reset', 3)
    const { state } = await host.join(room)
    const client = await connect(server)
    for (const stale of [{ from_seq: 2, epoch: 'another' }, { from_seq: 4 }, { from_seq: Number.MAX_SAFE_INTEGER, epoch: state.epoch }]) {
      const from = client.frames.length
      const { entries, end } = await client.join(room, stale)
      expect(orderFrom(client, from)).toEqual([...ackInLine, 'room.reset', 'room.state', 'message.replay', 'message.replay', 'message.replay', 'replay.end'])
      expect(await client.next('room.reset')).toEqual({ type: 'room.reset', room, epoch: state.epoch, head: 3 })
      expect(entries.map(entry => entry.seq)).toEqual([1, 2, 3])
      expect(end.head).toBe(3)
    }
    await client.join(room, { from_seq: 3, epoch: state.epoch })
    expect(client.all('room.reset')).toHaveLength(3)
  })

  test('[RES-9] after leave the room is silent on this connection, and only on this one', async () => {
    const { room, host } = await filled('leave', 1)
    const user = await createUser(server)
    const one = await connect(server, { user })
    const two = await connect(server, { user })
    await one.join(room)
    await two.join(room)
    await one.ack({ type: 'leave', room })
    const from = one.frames.length
    await host.chat(room, 'unheard')
    await two.next('message.new', frame => frame.content.text === 'unheard')
    await one.settle()
    expect(one.frames.slice(from).filter(frame => 'room' in frame && frame.room === room)).toEqual([])
    expect((await one.refused({ type: 'chat', room, text: 'x', client_msg_id: 'x' })).code).toMatch(/forbidden|not_found|conflict/)
    expect((await one.join(room, { from_seq: 1 })).entries).toMatchObject([{ content: { text: 'unheard' } }])
  })

  test('[RES-1] joining twice changes nothing: one member, one peer, each frame once', async () => {
    const { room, host } = await filled('twice', 1)
    const client = await connect(server)
    await client.join(room)
    const { state } = await client.join(room)
    expect(state.members.find(member => member.userId === client.userId)?.peers).toHaveLength(1)
    await host.chat(room, 'once')
    await client.next('message.new', frame => frame.content.text === 'once')
    await client.settle()
    expect(client.all('message.new', frame => frame.content.text === 'once')).toHaveLength(1)
  })

  test('[ROOM-1] where rooms may not be made, joining an unknown one is refused, a known one not', async () => {
    const { room } = await filled('known', 1)
    await server.restart({ NUXT_ROOM_CREATION: 'false' })
    const client = await connect(server)
    expect(['forbidden', 'not_found']).toContain((await client.refused({ type: 'join', room: unique('unknown') })).code)
    expect((await client.join(room)).entries).toHaveLength(1)
    await server.restart({ NUXT_ROOM_CREATION: 'true' })
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectOver, TRANSPORTS } from '../../support/client'
import type { Client } from '../../support/client'
import { filesWith } from '../../support/files'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, get, unique } from '../../support/session'
import type { TestUser } from '../../support/session'
import { waitFor } from '../../support/wait'
import type { ServerFrame } from '#shared/protocol/frames'

let server: TestServer
let host: TestUser
let author: TestUser

beforeAll(async () => {
  server = await startServer()
  host = await createUser(server, 'Host')
  author = await createUser(server, 'Author')
})
afterAll(() => server.stop())

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)

  /** A room of a host, with an author, and a third who only reads. */
  async function scene(prefix: string): Promise<{ room: string, moderator: Client, writer: Client, reader: Client }> {
    const room = unique(prefix)
    const moderator = await connect(server, { user: host })
    const writer = await connect(server, { user: author })
    const reader = await connect(server, { userName: 'Reader' })
    for (const client of [moderator, writer, reader]) await client.join(room)
    return { room, moderator, writer, reader }
  }

  /** Everything anyone can read of a room, on every path, as one text. */
  async function everything(room: string): Promise<{ text: string, frames: ServerFrame[] }> {
    const newcomer = await connect(server, { user: author })
    const fresh = await newcomer.join(room)
    const replay = await newcomer.join(room, { from_seq: 0 })
    const log = await get(server, `/api/rooms/${room}/log?from_seq=0&limit=500`, author)
    const messages = await get(server, `/api/rooms/${room}/messages?limit=256`, author)
    expect([log.status, messages.status]).toEqual([200, 200])
    const frames = [...fresh.entries, ...replay.entries, ...(log.body as { entries: ServerFrame[] }).entries, ...(messages.body as { messages: ServerFrame[] }).messages]
    await newcomer.close()
    return { frames, text: JSON.stringify(frames) }
  }

  test('[LOG-5] an edit is an entry, and every later read gives the new text', async () => {
    const { room, moderator, writer, reader } = await scene('edit')
    const { messageId } = await writer.chat(room, 'frist-version')
    await writer.ack({ type: 'edit', room, messageId, text: '  second-version ' })
    expect(await reader.next('message.edited')).toMatchObject({ room, seq: 2, messageId, userId: author.id, content: { text: 'second-version' } })
    await moderator.ack({ type: 'edit', room, messageId, text: 'third-version' })
    expect(await reader.next('message.edited')).toMatchObject({ seq: 3, userId: host.id, content: { text: 'third-version' } })
    const { text, frames } = await everything(room)
    expect(text).not.toContain('frist-version')
    expect(text).not.toContain('second-version')
    const copies = frames.filter(frame => 'messageId' in frame && frame.messageId === messageId && (frame.type === 'message.new' || frame.type === 'message.replay'))
    expect(copies.length).toBeGreaterThanOrEqual(4)
    for (const copy of copies) expect(copy).toMatchObject({ seq: 1, userId: author.id, content: { text: 'third-version' } })
  })

  test('[LOG-5] a deleted message keeps its seq and loses its text, on every path and in every file', async () => {
    const { room, moderator, writer, reader } = await scene('delete')
    const secret = `regretted-${crypto.randomUUID()}`
    const better = `regretted-too-${crypto.randomUUID()}`
    const { messageId } = await writer.chat(room, secret)
    await moderator.chat(room, 'in between')
    await writer.ack({ type: 'edit', room, messageId, text: better })
    await writer.ack({ type: 'delete', room, messageId })
    expect(await reader.next('message.deleted')).toMatchObject({ room, seq: 4, messageId, userId: author.id })
    const { text, frames } = await everything(room)
    expect(text).not.toContain(secret)
    expect(text).not.toContain(better)
    const copies = frames.filter(frame => 'seq' in frame && frame.seq === 1)
    expect(copies.length).toBeGreaterThanOrEqual(4)
    for (const copy of copies) expect(copy).toMatchObject({ messageId, deleted: true, content: { text: '' } })
    for (const gone of [secret, better]) {
      await waitFor(async () => (await filesWith(server.dataDir, gone)).length === 0, {
        interval: 200,
        what: `the deleted text to leave the files of ${server.dataDir}`,
      })
    }
  })

  test('[LOG-5] a deleted message\'s long text leaves the files too', async () => {
    const { room, writer } = await scene('long')
    const mark = crypto.randomUUID()
    const { messageId } = await writer.chat(room, `${mark} `.repeat(400))
    await writer.ack({ type: 'delete', room, messageId })
    await waitFor(async () => (await filesWith(server.dataDir, mark)).length === 0, { interval: 200, what: 'the deleted text to leave the files' })
  })

  test('[LOG-5] only the author or a moderator edits and deletes', async () => {
    const { room, writer, reader, moderator } = await scene('mine')
    const { messageId } = await writer.chat(room, 'possession')
    const { messageId: second } = await writer.chat(room, 'possession too')
    expect(await reader.refused({ type: 'edit', room, messageId, text: 'yours' })).toMatchObject({ code: 'forbidden', room })
    expect(await reader.refused({ type: 'delete', room, messageId })).toMatchObject({ code: 'forbidden' })
    await moderator.ack({ type: 'delete', room, messageId })
    await writer.ack({ type: 'delete', room, messageId: second })
    expect((await everything(room)).text).not.toContain('possession')
  })

  test('[LOG-5] what is not there, or was deleted, cannot be changed', async () => {
    const { room, writer } = await scene('gone')
    const other = await scene('other')
    const { messageId } = await writer.chat(room, 'soon gone')
    const { messageId: foreign } = await other.writer.chat(other.room, 'elsewhere')
    for (const id of ['no-such-message', foreign, '__proto__']) {
      expect(await writer.refused({ type: 'edit', room, messageId: id, text: 'x' }), id).toMatchObject({ code: 'not_found' })
      expect(await writer.refused({ type: 'delete', room, messageId: id }), id).toMatchObject({ code: 'not_found' })
      expect(await writer.refused({ type: 'react', room, messageId: id, emoji: '\u{1F44D}', op: 'add' }), id).toMatchObject({ code: 'not_found' })
    }
    await writer.ack({ type: 'delete', room, messageId })
    expect(['not_found', 'conflict']).toContain((await writer.refused({ type: 'edit', room, messageId, text: 'back' })).code)
    expect((await everything(room)).text).not.toContain('"back"')
  })

  test('[LOG-5] reactions are entries, counted once per person, and shown with the message', async () => {
    const { room, writer, reader, moderator } = await scene('react')
    const { messageId } = await writer.chat(room, 'like me')
    const thumb = '\u{1F44D}'
    await reader.ack({ type: 'react', room, messageId, emoji: thumb, op: 'add' })
    expect(await writer.next('reaction')).toMatchObject({ room, seq: 2, messageId, userId: reader.userId, emoji: thumb, op: 'add' })
    await reader.request({ type: 'react', room, messageId, emoji: thumb, op: 'add' })
    await moderator.ack({ type: 'react', room, messageId, emoji: thumb, op: 'add' })
    await moderator.ack({ type: 'react', room, messageId, emoji: '\u{1F389}', op: 'add' })
    await moderator.ack({ type: 'react', room, messageId, emoji: '\u{1F389}', op: 'remove' })
    const { frames } = await everything(room)
    const copies = frames.filter(frame => 'messageId' in frame && frame.messageId === messageId && (frame.type === 'message.new' || frame.type === 'message.replay'))
    for (const copy of copies) {
      const reactions = Object.fromEntries(Object.entries('reactions' in copy ? copy.reactions ?? {} : {}).filter(([, users]) => users.length > 0))
      expect(Object.keys(reactions)).toEqual([thumb])
      expect([...reactions[thumb] ?? []].sort()).toEqual([reader.userId, host.id].sort())
    }
  })

  test('[LOG-6] clear is a moderator\'s; the floor hides everything at or below it, for everyone', async () => {
    const { room, moderator, writer, reader } = await scene('clear')
    for (const text of ['bygone-1', 'bygone-2', 'bygone-3']) await writer.chat(room, text)
    const { messageId } = await writer.chat(room, 'bygone-4')
    expect(await writer.refused({ type: 'clear', room })).toMatchObject({ code: 'forbidden' })
    await moderator.ack({ type: 'clear', room })
    for (const client of [writer, reader]) expect(await client.next('clear')).toMatchObject({ room, seq: 5, floor_seq: 4, userId: host.id })
    await writer.chat(room, 'after')

    const { text, frames } = await everything(room)
    expect(text).not.toContain('bygone')
    for (const frame of frames) expect('seq' in frame && frame.seq).toBeGreaterThan(4)
    const { state, entries, end } = await reader.join(room, { from_seq: 2 })
    expect(state).toMatchObject({ floor: 4, head: 6 })
    expect(entries.map(entry => entry.seq)).toEqual([5, 6])
    expect(entries[0]).toMatchObject({ type: 'clear', floor_seq: 4, replay: true })
    expect(end).toMatchObject({ lastReplayedSeq: 6, head: 6 })
    expect(await writer.refused({ type: 'edit', room, messageId, text: 'from the grave' })).toMatchObject({ code: 'not_found' })
    const older = await get(server, `/api/rooms/${room}/messages?before_seq=5&limit=50`, author)
    expect(older.body).toEqual({ messages: [], more: false })
  })

  test('[LOG-6] the floor and the changes survive a restart', async () => {
    const { room, moderator, writer } = await scene('lasting')
    const { messageId: first } = await writer.chat(room, 'old-news')
    await moderator.ack({ type: 'clear', room })
    const { messageId } = await writer.chat(room, 'draft')
    await writer.ack({ type: 'edit', room, messageId, text: 'final' })
    await server.restart()
    const { text, frames } = await everything(room)
    expect(text).not.toContain('old-news')
    expect(text).not.toContain('draft')
    expect(text).not.toContain(first)
    expect(frames.some(frame => frame.type === 'message.replay' && frame.content.text === 'final')).toBe(true)
    const again = await connect(server, { user: author })
    expect((await again.join(room)).state).toMatchObject({ floor: 1, head: 4 })
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('[LOG-5] [FRM-4] a reaction called %s harms nobody', async (emoji) => {
    const { room, writer, reader } = await scene('odd')
    const { messageId } = await writer.chat(room, 'react to this')
    const reply = await reader.request({ type: 'react', room, messageId, emoji, op: 'add' })
    if (reply.type === 'error') expect(reply.code).toBe('bad_frame')
    await reader.request({ type: 'react', room, messageId, emoji: '\u{1F44D}', op: 'add' })
    const elsewhere = await scene('elsewhere')
    expect((await elsewhere.writer.chat(elsewhere.room, 'unharmed')).seq).toBe(1)
    const { frames } = await everything(room)
    for (const frame of frames) {
      if (frame.type !== 'message.replay') continue
      const users = Object.entries(frame.reactions ?? {}).filter(([name]) => name === emoji).flatMap(([, ids]) => ids)
      expect(users).toEqual(reply.type === 'ack' ? [reader.userId] : [])
    }
  })
})

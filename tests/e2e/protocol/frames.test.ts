import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectOver, open, TRANSPORTS } from '../../support/client'
import type { Client } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { unique } from '../../support/session'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)
  let client: Client

  beforeAll(async () => {
    client = await connect(server)
  })

  test('[FRM-1] frames are flat objects with a type, both ways', async () => {
    const room = unique('flat')
    await client.join(room)
    await client.chat(room, 'hello')
    await client.next('message.new', frame => frame.room === room)
    for (const frame of client.frames) {
      expect(typeof frame.type).toBe('string')
      expect(frame).not.toHaveProperty('data')
    }
  })

  test('[FRM-3] exactly one reply names the id of a frame', async () => {
    const room = unique('ids')
    const names = Array.from({ length: 10 }, (_, n) => `one-${n}`)
    await client.ack({ type: 'join', room })
    names.forEach(id => client.send({ type: 'ping', id }))
    client.send({ type: 'chat', id: 'said', room, text: 'hello', client_msg_id: 'm1' })
    client.send({ type: 'chat', id: 'refused', room, text: '', client_msg_id: 'm2' })
    await client.settle()
    const refs = client.frames.flatMap(frame => 'ref' in frame && frame.ref ? [frame.ref] : [])
    for (const id of [...names, 'said', 'refused']) expect(refs.filter(ref => ref === id), id).toHaveLength(1)
    expect((await client.reply('said')).type).toBe('ack')
    expect((await client.reply('refused')).type).toBe('error')
  })

  test('[FRM-3] a frame without an id gets no ack, but still its error', async () => {
    const own = await connect(server)
    const room = unique('quiet')
    own.send({ type: 'join', room })
    own.send({ type: 'chat', room, text: 'hello', client_msg_id: 'm1' })
    await own.next('message.new', frame => frame.room === room)
    own.send({ type: 'chat', room, text: 7, client_msg_id: 'm2' })
    const error = await own.next('error')
    expect(error).toMatchObject({ code: 'bad_frame', message: expect.stringContaining('text') })
    expect(error.ref).toBeUndefined()
    await own.settle()
    expect(own.all('ack')).toEqual([])
  })

  test('[FRM-3] ids of 64 characters are answered, longer ones are a bad frame', async () => {
    const longest = 'x'.repeat(64)
    expect(await client.request({ type: 'ping', id: longest })).toMatchObject({ type: 'ack', ref: longest })
    client.send({ type: 'ping', id: 'y'.repeat(65) })
    expect(await client.next('error')).toMatchObject({ code: 'bad_frame', message: expect.stringContaining('id') })
  })

  test('[FRM-4] an error names its frame and room, its code, and whether to try again', async () => {
    const room = unique('nowhere')
    const error = await client.refused({ type: 'chat', room, text: 'hello', client_msg_id: 'm1' })
    expect(['forbidden', 'not_found']).toContain(error.code)
    expect(error.room).toBe(room)
    expect(error.retryable).toBe(false)
    expect(error.message.length).toBeGreaterThan(0)
  })

  test('[FRM-5] every time is ISO 8601 in UTC', async () => {
    const before = Date.now()
    const room = unique('time')
    await client.join(room)
    const ack = await client.chat(room, 'now')
    expect(ack.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
    expect(Date.parse(ack.timestamp)).toBeGreaterThanOrEqual(before - 1000)
    expect(Date.parse(ack.timestamp)).toBeLessThanOrEqual(Date.now() + 1000)
  })

  test('[FRM-5] a text is trimmed, and has 1 to 16,384 bytes of UTF-8 after that', async () => {
    const room = unique('text')
    await client.join(room)
    await client.chat(room, '  \n padded \t ')
    expect((await client.next('message.new', frame => frame.room === room)).content.text).toBe('padded')
    for (const text of ['', '   ', '\n\t ']) {
      expect(await client.refused({ type: 'chat', room, text, client_msg_id: 'blank' }), JSON.stringify(text)).toMatchObject({ code: 'bad_frame', message: expect.stringContaining('text') })
    }
    const fitting = '\u00E9'.repeat(8192)
    await client.chat(room, ` ${fitting} `)
    expect((await client.next('message.new', frame => frame.room === room)).content.text).toBe(fitting)
    const error = await client.refused({ type: 'chat', room, text: `${fitting}x`, client_msg_id: 'big' })
    expect(['too_large', 'bad_frame']).toContain(error.code)
    expect(error.message).toContain('text')
  })

  test('[FRM-5] text comes back exactly as it was: emoji, right-to-left, zero, quotes, escapes', async () => {
    const room = unique('unicode')
    await client.join(room)
    for (const text of ['\u{1F469}\u200D\u{1F4BB} ok', '\u05E9\u05DC\u05D5\u05DD', 'a\u0000b', '"\\/\b\f.', '</script><b>', 'a\u2028\u2029x', 'e\u0301 \u00E9']) {
      await client.chat(room, text)
      expect((await client.next('message.new', frame => frame.room === room)).content.text).toBe(text)
    }
  })

  test(`[FRM-5] a frame of 65,536 bytes passes, and one byte more ${transport === 'websocket' ? 'closes with 1009' : 'is answered with 413'}`, async () => {
    const own = await connect(server)
    const other = await connect(server)
    const frame = (bytes: number): string => {
      const empty = JSON.stringify({ type: 'ping', t: 'fits', padding: '' })
      return JSON.stringify({ type: 'ping', t: 'fits', padding: 'x'.repeat(bytes - empty.length) })
    }
    own.sendRaw(frame(65_536))
    await own.next('pong', pong => pong.t === 'fits')
    own.sendRaw(frame(65_537))
    if (transport === 'websocket') {
      expect((await own.closed).code).toBe(1009)
    } else {
      expect((await own.next('error')).code).toBe('too_large')
      await own.settle()
      expect(own.all('pong', pong => pong.t === 'fits')).toHaveLength(1)
    }
    await other.settle()
  })

  test('[FRM-6] frames are handled in order, and answered in order', async () => {
    const own = await connect(server)
    const room = unique('order')
    const ids: string[] = []
    const send = (frame: Record<string, unknown>): void => {
      const id = `f${ids.length}`
      ids.push(id)
      own.send({ ...frame, id })
    }
    send({ type: 'join', room })
    for (let n = 0; n < 150; n++) {
      if (n % 5 === 0) send({ type: 'ping', t: n })
      else if (n % 7 === 0) send({ type: 'chat', room, text: '' })
      else if (n % 11 === 0) send({ type: 'typing', room, active: true })
      else send({ type: 'chat', room, text: `m${n}`, client_msg_id: `m${n}` })
    }
    send({ type: 'leave', room })
    send({ type: 'chat', room, text: 'after leaving', client_msg_id: 'late' })
    await own.reply(ids.at(-1) ?? '')
    const refs = own.frames.flatMap(frame => 'ref' in frame && frame.ref ? [frame.ref] : [])
    expect(refs).toEqual(ids)
    const late = own.frames.find(frame => 'ref' in frame && frame.ref === ids.at(-1))
    expect(late?.type).toBe('error')
  })

  test('[FRM-7] unknown fields are ignored', async () => {
    const room = unique('new')
    await client.ack({ type: 'join', room, shape: { of: ['things', 'to', 'come'] } })
    await client.ack({ type: 'chat', room, text: 'hello', client_msg_id: 'm1', mood: 'fine', userId: 'someone-else', seq: 99 })
    const message = await client.next('message.new', frame => frame.room === room)
    expect(message).toMatchObject({ seq: 1, userId: client.userId })
    expect(message).not.toHaveProperty('mood')
  })
})

test('[FRM-5] over HTTP a body that is too large gets 413', async () => {
  const response = await fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ann', padding: 'x'.repeat(5 * 1024 * 1024) }),
  })
  expect(response.status).toBe(413)
})

test('[FRM-2] every server frame is one text message', async () => {
  const own = await open(server)
  const kinds: boolean[] = []
  own.socket.on('message', (_data, binary) => kinds.push(binary))
  own.send({ type: 'auth', userName: 'Kim' })
  own.established = await own.next('connection.established')
  await own.join(unique('text-only'))
  expect(kinds.length).toBeGreaterThan(3)
  expect(new Set(kinds)).toEqual(new Set([false]))
})

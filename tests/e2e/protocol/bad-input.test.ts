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
  const room = `witnessed-${transport}`
  let client: Client
  let witness: Client

  beforeAll(async () => {
    client = await connect(server)
    witness = await connect(server, { userName: 'Witness' })
    await client.join(room)
    await witness.join(room)
    await client.settle()
    await witness.settle()
  })

  /** Sends text that must be refused as a bad frame, and shows that the connection goes on. */
  async function isBad(text: string, names?: string): Promise<void> {
    client.sendRaw(text)
    const error = await client.next('error')
    expect(error, text.slice(0, 80)).toMatchObject({ code: 'bad_frame', retryable: false })
    if (names) expect(error.message.split(':')[0]?.split(' ')[0], text.slice(0, 120)).toContain(names)
    await client.settle()
  }

  describe('[FRM-4] what is no frame is a bad frame, and nothing more', () => {
    test.each([
      ['nothing', ''],
      ['no JSON', 'hello'],
      ['half JSON', '{"type":"ping"'],
      ['JSON with more behind it', '{"type":"ping"} {"type":"ping"}'],
      ['null', 'null'],
      ['a number', '7'],
      ['a string', '"ping"'],
      ['an array', '[{"type":"ping"}]'],
      ['an object without a type', '{}'],
      ['a null type', '{"type":null}'],
      ['a number as type', '{"type":1}'],
      ['an object as type', '{"type":{"toString":1}}'],
      ['an unknown type', '{"type":"explode"}'],
      ['an empty type', '{"type":""}'],
      ['a server\'s type', '{"type":"message.new","room":"lobby","seq":1}'],
      ['NaN', '{"type":"ping","t":NaN}'],
      ['a byte order mark', '\uFEFF{"type":"ping"}'],
    ])('%s', async (_name, text) => {
      await isBad(text)
    })

    test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])('type "%s"', async (type) => {
      await isBad(JSON.stringify({ type, room, text: 'x', client_msg_id: 'm' }), 'type')
    })

    test('prototype keys beside good fields change nothing', async () => {
      client.sendRaw('{"type":"ping","t":"p1","__proto__":{"id":"polluted","isAdmin":true},"constructor":{"prototype":{"polluted":true}}}')
      await client.next('pong', pong => pong.t === 'p1')
      client.sendRaw('{"__proto__":{"type":"ping","t":"inherited"}}')
      expect(await client.next('error')).toMatchObject({ code: 'bad_frame' })
      await client.chat(room, 'still whole')
      const message = await client.next('message.new', frame => frame.content.text === 'still whole')
      expect(message).not.toHaveProperty('polluted')
      expect(message).not.toHaveProperty('isAdmin')
    })

    test('deep nesting', async () => {
      for (const deep of ['['.repeat(30_000) + ']'.repeat(30_000), '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)]) {
        await isBad(`{"type":"ping","t":1,"x":${deep}}`)
      }
      await isBad('['.repeat(65_000))
      await isBad(`{"type":"webrtc-signal","room":"${room}","to":"${witness.peerId}","signal":${'['.repeat(20_000)}1${']'.repeat(20_000)}}`)
    })

    test('many keys and a long type', async () => {
      const keys = Object.fromEntries(Array.from({ length: 4000 }, (_, n) => [`k${n}`, n]))
      client.send({ ...keys, type: 'ping', t: 'keys' })
      await client.next('pong', pong => pong.t === 'keys')
      await isBad(JSON.stringify({ type: 'x'.repeat(60_000) }), 'type')
      expect(client.all('error').at(-1)?.message.length).toBeLessThan(500)
    })
  })

  describe('[FRM-4] a wrong field is named', () => {
    const chat = { type: 'chat', room, text: 'hi', client_msg_id: 'c1' }
    test.each<[string, Record<string, unknown>]>([
      ['room', { ...chat, room: undefined }],
      ['room', { ...chat, room: 5 }],
      ['room', { ...chat, room: 'Not A Room' }],
      ['room', { ...chat, room: '../etc' }],
      ['room', { ...chat, room: '__proto__' }],
      ['room', { type: 'join', room: '-dash' }],
      ['room', { type: 'join', room: 'x'.repeat(65) }],
      ['room', { type: 'join', room: '' }],
      ['room', { type: 'join', room: ['lobby'] }],
      ['room', { type: 'leave' }],
      ['text', { ...chat, text: undefined }],
      ['text', { ...chat, text: null }],
      ['text', { ...chat, text: ['a'] }],
      ['text', { ...chat, text: { toString: 'x' } }],
      ['client_msg_id', { ...chat, client_msg_id: undefined }],
      ['client_msg_id', { ...chat, client_msg_id: '' }],
      ['client_msg_id', { ...chat, client_msg_id: 'x'.repeat(65) }],
      ['client_msg_id', { ...chat, client_msg_id: 12 }],
      ['thread_id', { ...chat, thread_id: {} }],
      ['in_reply_to', { ...chat, in_reply_to: 3 }],
      ['attachments', { ...chat, attachments: 'file' }],
      ['attachments', { ...chat, attachments: [7] }],
      ['from_seq', { type: 'join', room, from_seq: -1 }],
      ['from_seq', { type: 'join', room, from_seq: 1.5 }],
      ['from_seq', { type: 'join', room, from_seq: '3' }],
      ['from_seq', { type: 'join', room, from_seq: 1e308 }],
      ['from_seq', { type: 'join', room, from_seq: 2 ** 60 }],
      ['limit', { type: 'join', room, limit: 0 }],
      ['limit', { type: 'join', room, limit: 'all' }],
      ['epoch', { type: 'join', room, epoch: 9 }],
      ['messageId', { type: 'edit', room, text: 'x' }],
      ['messageId', { type: 'delete', room, messageId: {} }],
      ['emoji', { type: 'react', room, messageId: 'm', op: 'add' }],
      ['emoji', { type: 'react', room, messageId: 'm', op: 'add', emoji: 'x'.repeat(500) }],
      ['op', { type: 'react', room, messageId: 'm', emoji: '\u{1F44D}', op: 'toggle' }],
      ['active', { type: 'typing', room, active: 'yes' }],
      ['to', { type: 'webrtc-signal', room, signal: {} }],
      ['signal', { type: 'webrtc-signal', room, to: 'p' }],
      ['mic', { type: 'media-state', room, in_call: true, mic: 1, cam: false, screen: false, hand: false }],
      ['in_call', { type: 'media-state', room, mic: true, cam: false, screen: false, hand: false }],
      ['status', { type: 'presence', status: 'asleep' }],
      ['id', { type: 'ping', id: 5 }],
      ['token', { type: 'auth', token: 5 }],
    ])('%s in %j', async (field, frame) => {
      await isBad(JSON.stringify(frame), field)
    })

    test('lone surrogates are refused, pairs are not', async () => {
      await isBad(`{"type":"chat","room":"${room}","text":"a\\ud800b","client_msg_id":"s1"}`, 'text')
      await isBad(`{"type":"chat","room":"${room}","text":"fine","client_msg_id":"\\udc00"}`, 'client_msg_id')
      client.sendRaw(`{"type":"chat","id":"pair","room":"${room}","text":"\\ud83d\\ude00","client_msg_id":"s2"}`)
      expect((await client.reply('pair')).type).toBe('ack')
      expect((await client.next('message.new', frame => frame.client_msg_id === 's2')).content.text).toBe('\u{1F600}')
    })

    test('a lone surrogate as id or type does not come back broken', async () => {
      await isBad('{"type":"ping","id":"\\ud800"}')
      await isBad('{"type":"\\udfff"}', 'type')
    })

    test('huge numbers in ping are echoed or refused, never misread', async () => {
      client.sendRaw('{"type":"ping","id":"huge","t":1e999}')
      expect(await client.reply('huge')).toMatchObject({ type: 'error', code: 'bad_frame' })
      client.sendRaw('{"type":"ping","t":1.7976931348623157e308}')
      await client.next('pong', pong => pong.t === Number.MAX_VALUE)
    })
  })

  test('[FRM-4] 20 bad frames in a row close with 4400, 19 do not, and a good one starts anew', async () => {
    const own = await connect(server)
    const burst = (count: number): void => {
      for (let n = 0; n < count; n++) own.sendRaw('{"type":"explode"}')
    }
    burst(19)
    await own.settle()
    burst(19)
    await own.settle()
    expect(own.all('error')).toHaveLength(38)
    burst(20)
    expect((await own.closed).code).toBe(4400)
  })

  test('[FRM-4] nobody else noticed any of it', async () => {
    await witness.settle()
    expect(witness.all('error')).toEqual([])
    expect(witness.all('message.new').map(frame => frame.seq)).toEqual(client.all('message.new', frame => frame.room === room).map(frame => frame.seq))
    const other = unique('other')
    await witness.join(other)
    await witness.chat(other, 'all well')
    expect(witness.isOpen).toBe(true)
  })
})

test('[FRM-8] binary messages are bad frames, even with a good one inside', async () => {
  const own = await connectOver('websocket')(server)
  for (const bytes of [Buffer.from('{"type":"ping","t":"binary"}'), Buffer.from([0, 255, 254, 128])]) {
    own.socket.send(bytes)
    expect(await own.next('error')).toMatchObject({ code: 'bad_frame', retryable: false })
    await own.settle()
  }
  expect(own.all('pong', pong => pong.t === 'binary')).toEqual([])
})

test('[FRM-4] bad frames before authentication count too', async () => {
  const own = await open(server)
  for (let n = 0; n < 20; n++) own.sendRaw('{"type":"explode"}')
  expect((await own.closed).code).toBe(4400)
})

test('[FRM-4] invalid UTF-8 costs at most its own connection', async () => {
  const own = await connectOver('websocket')(server)
  const text = Buffer.from('{"type":"ping","t":"\xFF"}', 'latin1')
  own.socket.send(text, { binary: false })
  const end = await Promise.race([own.closed, own.next('error')])
  expect('code' in end ? [1007, 'bad_frame'] : []).toContain('code' in end ? end.code : '')
})

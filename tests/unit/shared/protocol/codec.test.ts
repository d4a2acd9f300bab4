import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeClientFrame } from '../../../../shared/protocol/codec'

const refusal = (frame: unknown) => {
  const decoded = decodeClientFrame(typeof frame === 'string' ? frame : JSON.stringify(frame))
  return decoded.ok ? undefined : { code: decoded.error.code, message: decoded.error.message, ref: decoded.ref }
}
const chat = { type: 'chat', id: 'c', room: 'lobby', client_msg_id: 'm', text: 'hello' }

describe('decodeClientFrame', () => {
  it('[FRM-4] never throws, whatever arrives', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.jsonValue().map(value => JSON.stringify(value))), (text) => {
      expect(decodeClientFrame(text).ok).toBe(false)
    }))
  })

  it('[FRM-4] names the field that is wrong', () => {
    for (const [field, value] of [['room', 'Lobby'], ['room', '__proto__'], ['room', 7], ['room', 'a'.repeat(65)], ['client_msg_id', ''], ['client_msg_id', 'x'.repeat(65)], ['text', '   '], ['text', 1], ['attachments', {}], ['id', 'i'.repeat(65)], ['id', 5]] as const) {
      expect(refusal({ ...chat, [field]: value })).toMatchObject({ code: 'bad_frame', message: expect.stringMatching(new RegExp(`^${field}: `)) })
    }
  })

  it('[FRM-4] is not fooled by names every object has', () => {
    for (const type of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '']) expect(refusal({ ...chat, type })).toMatchObject({ code: 'bad_frame', ref: 'c' })
    expect(refusal('{"__proto__":{"type":"chat"}}')).toMatchObject({ code: 'bad_frame' })
    const decoded = decodeClientFrame('{"type":"ping","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')
    expect(decoded).toEqual({ ok: true, frame: { type: 'ping' } })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('[FRM-4] answers to the id of a frame that is wrong otherwise, and only to a usable one', () => {
    expect(refusal({ ...chat, text: '' })?.ref).toBe('c')
    expect(refusal({ ...chat, id: 'i'.repeat(65) })?.ref).toBeUndefined()
  })

  it('[FRM-5] takes 16,384 bytes of text and not one more, counted in UTF-8 after trimming', () => {
    expect(refusal({ ...chat, text: ` ${'ä'.repeat(8192)}\n` })).toBeUndefined()
    expect(refusal({ ...chat, text: 'ä'.repeat(8192) + 'x' })).toMatchObject({ code: 'too_large', message: expect.stringMatching(/^text: /) })
    const decoded = decodeClientFrame(JSON.stringify({ ...chat, text: '  hello\n' }))
    expect(decoded).toMatchObject({ ok: true, frame: { text: 'hello' } })
  })

  it('[FRM-7] ignores unknown fields', () => {
    expect(decodeClientFrame(JSON.stringify({ ...chat, later: 1 }))).toEqual({ ok: true, frame: chat })
  })

  it('[FRM-8] refuses lone surrogates, and keeps pairs', () => {
    expect(refusal('{"type":"chat","room":"lobby","client_msg_id":"m","text":"\\ud800"}')).toMatchObject({ code: 'bad_frame', message: 'text: must be well-formed Unicode' })
    expect(refusal({ ...chat, text: '👩🏽‍💻' })).toBeUndefined()
  })

  it('[FRM-8] refuses what nests too deeply, without going down there, and is not misled by brackets in strings', () => {
    expect(refusal(`{"type":"webrtc-signal","room":"lobby","to":"p","signal":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)).toMatchObject({ message: expect.stringContaining('nested') })
    expect(refusal({ ...chat, text: '[{"\\'.repeat(500) })).toBeUndefined()
    for (const to of ['', '\\', '\\\\', '"', '\\"', '"\\', '\\\\"\\', '"'.repeat(100), '\\'.repeat(101)]) {
      expect(refusal(`{"type":"webrtc-signal","room":"lobby","to":${JSON.stringify(to)},"signal":${'['.repeat(20_000)}`)).toMatchObject({ message: expect.stringContaining('nested') })
      expect(refusal({ ...chat, text: `x${to}${'['.repeat(200)}` })).toBeUndefined()
    }
  })

  it('refuses numbers no sequence has', () => {
    for (const from_seq of ['-1', '1.5', '1e999', '9007199254740992', '"1"', 'null']) {
      expect(refusal(`{"type":"join","room":"lobby","from_seq":${from_seq}}`)).toMatchObject({ code: 'bad_frame', message: expect.stringMatching(/^from_seq: /) })
    }
  })

  it('[RTC-1] takes a signal of 48 KiB and not one more byte', () => {
    const signal = (bytes: number) => ({ type: 'webrtc-signal', room: 'lobby', to: 'p', signal: 'x'.repeat(bytes - 2) })
    expect(refusal(signal(49_152))).toBeUndefined()
    expect(refusal(signal(49_153))).toMatchObject({ code: 'too_large' })
    expect(refusal({ type: 'webrtc-signal', room: 'lobby', to: 'p' })).toMatchObject({ message: expect.stringMatching(/^signal: /) })
  })
})

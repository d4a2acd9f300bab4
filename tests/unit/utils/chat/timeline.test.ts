import { describe, expect, it } from 'vitest'
import type { PendingMessage } from '../../../../utils/outbox/outbox-item'
import type { RoomMessage } from '../../../../utils/room/room-view'
import { answerFrom } from '../../../../utils/chat/answers'
import { timeline, withAnswers } from '../../../../utils/chat/timeline'

function message(seq: number, userId: string, minute: number, extra: Partial<RoomMessage> = {}): RoomMessage {
  return {
    room: 'r', seq, messageId: `m${seq}`, userId, userName: userId, timestamp: new Date(2026, 4, 1, 12, minute).toISOString(), metadata: {},
    content: { text: 't', type: 'user', actor_type: 'client', format: 'markdown' }, ...extra,
  }
}

const kinds = (rows: ReturnType<typeof timeline>) => rows.map(row => 'head' in row ? `${row.kind}${row.head ? '!' : ''}` : row.kind)

describe('timeline', () => {
  it('groups an author\'s messages within five minutes under one head', () => {
    const rows = timeline({ messages: [message(1, 'a', 0), message(2, 'a', 4), message(3, 'b', 5), message(4, 'a', 6), message(5, 'a', 12)], lines: [], pending: [] })
    expect(kinds(rows)).toEqual(['day', 'message!', 'message', 'message!', 'message!', 'message!'])
  })

  it('starts a new group where somebody has another name than before, or speaks as a bot', () => {
    const bot = { content: { text: 't', type: 'assistant' as const, actor_type: 'bot' as const, format: 'markdown' as const } }
    expect(kinds(timeline({ messages: [message(1, 'a', 0), message(2, 'a', 1, { userName: 'Anna' }), message(3, 'a', 2, { userName: 'Anna' }), message(4, 'a', 3, { userName: 'Anna', ...bot })], lines: [], pending: [] })))
      .toEqual(['day', 'message!', 'message!', 'message', 'message!'])
    const pending: PendingMessage[] = [{ kind: 'message', client_msg_id: 'x', room: 'r', userId: 'a', text: 't', timestamp: message(1, 'a', 1).timestamp, state: 'sending' }]
    expect(kinds(timeline({ messages: [message(1, 'a', 0)], lines: [], pending, userId: 'a', userName: 'a' }))).toEqual(['day', 'message!', 'pending'])
    expect(kinds(timeline({ messages: [message(1, 'a', 0)], lines: [], pending, userId: 'a', userName: 'Anna' }))).toEqual(['day', 'message!', 'pending!'])
  })

  it('gives every row a key of its own, also where times go back and forth', () => {
    const on = (day: number) => ({ timestamp: new Date(2026, 4, day, 12).toISOString() })
    const rows = timeline({ messages: [message(1, 'a', 0, on(1)), message(2, 'a', 0, on(2)), message(3, 'a', 0, on(1)), message(4, 'a', 0, on(2))], lines: [], pending: [] })
    expect(new Set(rows.map(row => row.key)).size).toBe(rows.length)
  })

  it('gives a reply its own head, so that the quote has a speaker', () => {
    const rows = timeline({ messages: [message(1, 'a', 0), message(2, 'a', 1, { in_reply_to: 'm1' })], lines: [], pending: [] })
    expect(kinds(rows)).toEqual(['day', 'message!', 'message!'])
  })

  it('separates days and starts a new group with each', () => {
    const next = { timestamp: new Date(2026, 4, 2, 0, 1).toISOString() }
    const rows = timeline({ messages: [message(1, 'a', 0), message(2, 'a', 0, next)], lines: [], pending: [] })
    expect(kinds(rows)).toEqual(['day', 'message!', 'day', 'message!'])
  })

  it('puts one unread mark before the first message of somebody else that was not read', () => {
    const messages = [message(1, 'b', 0), message(2, 'me', 1), message(3, 'b', 2), message(4, 'b', 3)]
    expect(kinds(timeline({ messages, lines: [], pending: [], readSeq: 1, userId: 'me' }))).toEqual(['day', 'message!', 'message!', 'unread', 'message!', 'message'])
    expect(kinds(timeline({ messages, lines: [], pending: [], readSeq: 4, userId: 'me' }))).not.toContain('unread')
    expect(kinds(timeline({ messages, lines: [], pending: [], userId: 'me' }))).not.toContain('unread')
  })

  it('puts system lines where they happened', () => {
    const line = { key: 'line:1', after: 1, timestamp: message(1, 'a', 1).timestamp, event: { kind: 'joined' as const, name: 'Bo' } }
    expect(kinds(timeline({ messages: [message(1, 'a', 0), message(2, 'a', 2)], lines: [line], pending: [] }))).toEqual(['day', 'message!', 'line', 'message!'])
  })

  it('[A7] keeps the row of a message of ours when the log replaces the pending one', () => {
    const pending: PendingMessage = { kind: 'message', client_msg_id: 'x', room: 'r', userId: 'me', text: 't', timestamp: message(1, 'me', 0).timestamp, state: 'sending' }
    const before = timeline({ messages: [], lines: [], pending: [pending], userId: 'me' })
    const after = timeline({ messages: [message(1, 'me', 0, { client_msg_id: 'x' })], lines: [], pending: [], userId: 'me' })
    expect(before.at(-1)!.key).toBe(after.at(-1)!.key)
  })

  it('[AI-1] keeps the row of an answer when it is stored, after everything else, with the same head', () => {
    const bot = { userName: 'Host', content: { text: 'one two', type: 'assistant' as const, actor_type: 'bot' as const, format: 'markdown' as const }, metadata: { stream_id: 's', engine: 'built-in' } }
    const before = [message(1, 'a', 0)]
    const pending: PendingMessage = { kind: 'message', client_msg_id: 'x', room: 'r', userId: 'me', text: 't', timestamp: message(1, 'me', 0).timestamp, state: 'sending' }
    const answer = { ...answerFrom({ stream_id: 's', bot: 'host', n: 2, text: ' one two ', in_reply_to: 'm1' }, message(1, 'a', 1).timestamp) }
    const bots = [{ id: 'host', name: 'Host', enabled: true, engine: 'built-in' }]
    const base = timeline({ messages: before, lines: [], pending: [pending], userId: 'me' })
    const live = withAnswers(base, { name: 'r', answers: [answer], bots })
    expect(kinds([...live])).toEqual(['day', 'message!', 'pending!', 'message!'])
    const stored = timeline({ messages: [...before, message(2, 'bot:host', 1, { ...bot, in_reply_to: 'm1' })], lines: [], pending: [], userId: 'me' })
    const [was, is] = [live.at(-1), stored.at(-1)]
    if (was?.kind !== 'message' || is?.kind !== 'message') throw new Error('no row')
    expect([was.key, was.head]).toEqual([is.key, is.head])
    const { seq: _seq, messageId: _id, ...shown } = was.message
    expect(is.message).toMatchObject({ ...shown, metadata: bot.metadata })
    expect(withAnswers(base, { name: 'r', answers: [], bots })).toBe(base)
  })

  it('begins a day for an answer that comes first', () => {
    const answer = answerFrom({ stream_id: 's', bot: 'host', n: 0, text: '' }, message(1, 'a', 1).timestamp)
    expect(kinds([...withAnswers([], { name: 'r', answers: [answer, { ...answer, stream_id: 't' }], bots: [] })])).toEqual(['day', 'message!', 'message'])
  })

  it('never repeats a key, whatever people choose as ids', () => {
    const rows = timeline({ messages: [message(1, 'b', 0, { client_msg_id: 'x' }), message(2, 'me', 1, { client_msg_id: 'x' })], lines: [], pending: [], userId: 'me' })
    expect(new Set(rows.map(row => row.key)).size).toBe(rows.length)
  })
})

import { expect, test } from 'vitest'
import { answerAsMessage, emptyAnswer, packAnswer, unpackAnswer, withEvent } from '../../../../utils/agents/agent-answer'
import type { AgentAnswer } from '../../../../utils/agents/agent-answer'
import { agentRows } from '../../../../utils/agents/agent-rows'
import { notesOf } from '../../../../utils/chat/answers'
import type { RoomMessage } from '../../../../utils/room/room-view'

const AT = '2026-01-01T10:00:00.000Z'
const EVENTS = [
  { type: 'start', messageId: 's', messageMetadata: { engine: 'built-in', agentSlug: 'guide' } }, { type: 'text-start', id: 'text' },
  { type: 'text-delta', id: 'text', delta: 'Hello' }, { type: 'text-delta', id: 'text', delta: ' there' }, { type: 'text-end', id: 'text' },
  { type: 'source-url', sourceId: 'source-1', url: '/docs/call#ice', title: 'Calls' }, { type: 'message-metadata', messageMetadata: { messageId: 'm' } },
  { type: 'finish', finishReason: 'stop' },
].map((chunk, n) => ({ id: String(n + 1), data: JSON.stringify(chunk) })).concat({ id: '9', data: '[DONE]' })

function read(events: readonly { id: string, data: string }[], from: AgentAnswer = emptyAnswer('s', AT)): AgentAnswer {
  return events.reduce(withEvent, from)
}

test('[AGT-4] an answer is what its events say, and knows where it was', () => {
  expect(read(EVENTS)).toEqual({ streamId: 's', last: 9, text: 'Hello there', engine: 'built-in', sources: [{ url: '/docs/call#ice', title: 'Calls' }], timestamp: AT, finish: 'stop', done: true })
})

test('[AGT-4] whatever comes twice or out of order, each word is there once', () => {
  const whole = read(EVENTS)
  for (let cut = 0; cut <= EVENTS.length; cut++) {
    const first = read(EVENTS.slice(0, cut))
    expect(read(EVENTS.slice(first.last), first)).toEqual(whole)
    expect(read(EVENTS, first)).toEqual(whole)
    expect(read(EVENTS.slice(cut + 1), first)).toEqual(first)
  }
})

test.each([
  [{ type: 'abort', reason: 'stopped' }, { finish: 'cancelled' }],
  [{ type: 'error', errorText: 'the engine failed' }, { finish: 'error', error: 'the engine failed' }],
  [{ type: 'finish', finishReason: 'length' }, { finish: 'length' }],
])('[AGT-4] %j says how it ended', (chunk, end) => {
  expect(read([...EVENTS.slice(0, 3), { id: '4', data: JSON.stringify(chunk) }, { id: '5', data: '[DONE]' }])).toMatchObject({ ...end, text: 'Hello', done: true })
})

test('[AGT-4] a reload goes on from what was kept of the same stream, and of no other', () => {
  const half = read(EVENTS.slice(0, 3))
  expect(read(EVENTS.slice(3), unpackAnswer(packAnswer(half), 's'))).toEqual(read(EVENTS))
  expect(unpackAnswer(packAnswer(half), 'other')).toBeUndefined()
  for (const packed of [null, '', '{', '{}', '{"streamId":"s","last":-0.5,"text":"","sources":[]}', '{"streamId":"s","last":1,"text":1,"sources":[]}']) expect(unpackAnswer(packed, 's')).toBeUndefined()
})

test('an answer has the shape of the message it becomes, and keeps its row', () => {
  const agent = { slug: 'guide', name: 'Guide' }
  const shown = answerAsMessage(read(EVENTS), 'r', agent)
  expect(shown).toMatchObject({ userId: 'bot:guide', userName: 'Guide', content: { text: 'Hello there', actor_type: 'bot' } })
  expect(notesOf(shown)).toEqual({ engine: 'built-in', model: undefined, finish: undefined, sources: [{ url: '/docs/call#ice', title: 'Calls' }] })
  const question: RoomMessage = { room: 'r', seq: 1, messageId: 'q', client_msg_id: 'c1', userId: 'u', userName: 'Ann', timestamp: AT, metadata: {}, content: { text: 'Hi', type: 'user', actor_type: 'client', format: 'markdown' } }
  const stored: RoomMessage = { ...shown, seq: 2, messageId: 'm' }
  const rest = { room: 'r', agent, user: { id: 'u', name: 'Ann' } }
  const asking = agentRows({ messages: [], pending: { text: 'Hi', clientMsgId: 'c1', timestamp: AT }, ...rest })
  const answering = agentRows({ messages: [question], answer: read(EVENTS.slice(0, 3)), ...rest })
  const answered = agentRows({ messages: [question, stored], ...rest })
  expect(asking.map(({ key, unsure }) => [key, unsure])).toEqual([['c1', true]])
  expect(answering.map(({ key, live }) => [key, live])).toEqual([['c1', false], ['s', true]])
  expect(answered.map(({ key, live }) => [key, live])).toEqual([['c1', false], ['s', false]])
  expect(answered.map(({ day }) => day !== undefined)).toEqual([true, false])
})

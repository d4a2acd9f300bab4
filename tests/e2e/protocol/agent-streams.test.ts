import { DefaultChatTransport, asSchema, readUIMessageStream, uiMessageChunkSchema } from 'ai'
import type { UIMessage } from 'ai'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startAiServer } from '../../support/ai-server'
import type { AiServer } from '../../support/ai-server'
import { api, chunks, openSession, readAll, said, say, watch } from '../../support/agents'
import type { Session, StreamEvent } from '../../support/agents'
import { connect } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser } from '../../support/session'
import type { TestUser } from '../../support/session'
import { waitFor } from '../../support/wait'

let ai: AiServer
let server: TestServer
let ann: TestUser
const WORDS = Array.from({ length: 40 }, (_, n) => `word${n} `)
const TEXT = WORDS.join('')

beforeAll(async () => {
  ai = await startAiServer()
  server = await startServer({ env: { NUXT_AI_BASE_URL: ai.url, NUXT_AI_KEY: 'secret-of-the-engine', NUXT_AI_MODEL: 'test-model' } })
  ann = await createUser(server)
})
afterEach(() => ai.behave({}))
afterAll(async () => {
  await server?.stop()
  await ai?.close()
})

const messagesOf = async (session: Session) => (await api<Session>(server, ann, 'GET', `ai-agent/sessions/${session.id}`)).body.messages

test('[AGT-4] an answer is a UI message stream as the AI SDK defines it, and its own client reads it', async () => {
  const session = await openSession(server, ann)
  ai.behave({ chunks: WORDS })
  const streamId = await say(server, ann, session, 'Tell me')
  const viewer = await watch(server, ann, streamId)
  expect(viewer.status).toBe(200)
  expect(viewer.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1')
  expect(viewer.headers.get('content-type')).toBe('text/event-stream')
  expect(viewer.headers.get('cache-control')).toBe('no-cache, no-transform')
  await viewer.ended
  expect(viewer.events.map(event => event.id)).toEqual(viewer.events.map((_, n) => n + 1))
  expect(viewer.events.at(-1)?.data).toBe('[DONE]')
  const parts = chunks(viewer.events)
  for (const part of parts) expect(await asSchema(uiMessageChunkSchema).validate?.(part)).toMatchObject({ success: true })
  expect(parts.map(part => part.type).filter((type, n, all) => type !== all[n - 1])).toEqual(['start', 'text-start', 'text-delta', 'text-end', 'message-metadata', 'finish'])
  expect(parts[0]).toMatchObject({ messageId: streamId, messageMetadata: { sessionId: session.id, agentSlug: 'host', engine: 'openai-compatible', model: 'test-model' } })
  expect(parts.at(-1)).toMatchObject({ finishReason: 'stop' })
  expect(said(viewer.events)).toBe(TEXT)

  const stored = (await messagesOf(session)).at(-1)
  expect(stored).toMatchObject({ userId: 'bot:host', content: { text: TEXT.trim(), type: 'assistant' }, metadata: { stream_id: streamId, engine: 'openai-compatible', model: 'test-model' } })
  expect(parts.at(-2)).toMatchObject({ messageMetadata: { messageId: stored?.messageId } })

  const transport = new DefaultChatTransport({ prepareReconnectToStreamRequest: () => ({ api: `${server.url}/api/ai-agent/stream/${streamId}`, headers: { authorization: `Bearer ${ann.token}` } }) })
  const stream = await transport.reconnectToStream({ chatId: session.id })
  if (!stream) throw new Error('no stream')
  let message: UIMessage | undefined
  for await (const next of readUIMessageStream({ stream })) message = next
  expect(message).toMatchObject({ id: streamId, role: 'assistant', parts: [{ type: 'text', text: TEXT, state: 'done' }] })
})

test('[AGT-4] after any event, a viewer goes on with the next one, while the answer is on its way and afterwards', async () => {
  const session = await openSession(server, ann)
  ai.behave({ chunks: WORDS, delayMs: 25 })
  const streamId = await say(server, ann, session, 'Tell me')
  // One who comes back after every single event it got.
  const kept: StreamEvent[] = []
  let cuts = 0
  while (kept.at(-1)?.data !== '[DONE]') {
    const viewer = await watch(server, ann, streamId, kept.length)
    await waitFor(() => viewer.events.length > 0, { interval: 1 })
    viewer.leave()
    kept.push(viewer.events[0] as StreamEvent)
    cuts++
  }
  expect(said(kept)).toBe(TEXT)
  expect(cuts).toBe(kept.length)
  const all = await readAll(server, ann, streamId)
  expect(kept).toEqual(all)
  for (let after = 0; after < all.length; after++) expect(await readAll(server, ann, streamId, after)).toEqual(all.slice(after))
  expect((await watch(server, ann, streamId, all.length)).status).toBe(204)
  for (const wrong of [all.length + 1, -1, 1.5]) expect((await watch(server, ann, streamId, wrong)).status).toBe(400)
})

test('[AGT-4] [AGT-5] a page that is loaded anew in the middle finds the answer, which nobody had to watch', async () => {
  const session = await openSession(server, ann)
  ai.behave({ chunks: WORDS, delayMs: 30 })
  const streamId = await say(server, ann, session, 'Tell me')
  const first = await watch(server, ann, streamId)
  await waitFor(() => first.events.length > 6)
  first.leave()
  const found = await api<Session>(server, ann, 'GET', `ai-agent/sessions/${session.id}`)
  expect(found.body.stream).toEqual({ streamId, state: 'streaming' })
  const seen = first.events.length
  const rest = await readAll(server, ann, streamId, seen)
  expect(said([...first.events.slice(0, seen), ...rest])).toBe(TEXT)

  const alone = await openSession(server, ann)
  const unwatched = await say(server, ann, alone, 'Tell me')
  const gone = await watch(server, ann, unwatched)
  gone.leave()
  const answer = await waitFor(async () => (await messagesOf(alone))[1])
  expect(answer.content.text).toBe(TEXT.trim())
  expect((await api<Session>(server, ann, 'GET', `ai-agent/sessions/${alone.id}`)).body.stream).toBeUndefined()
})

test('[AGT-3] a message is stored once and leads to one stream, however often it is sent', async () => {
  const session = await openSession(server, ann)
  ai.behave({ chunks: WORDS, delayMs: 20 })
  const asked = ai.requests.length
  const id = crypto.randomUUID()
  const [first, ...again] = await Promise.all(Array.from({ length: 5 }, () => say(server, ann, session, 'Tell me', id)))
  expect(again).toEqual([first, first, first, first])
  if (!first) throw new Error('no stream')
  const other = { sessionId: session.id, agentSlug: 'host', message: 'And another', client_msg_id: crypto.randomUUID() }
  expect((await api(server, ann, 'POST', 'ai-agent/stream', other)).status).toBe(409)
  const viewers = await Promise.all([watch(server, ann, first), watch(server, ann, first)])
  expect(await say(server, ann, session, 'Tell me', id)).toBe(first)
  expect((await api(server, ann, 'POST', 'ai-agent/stream', other)).status).toBe(409)
  await Promise.all(viewers.map(viewer => viewer.ended))
  expect(viewers.map(viewer => said(viewer.events))).toEqual([TEXT, TEXT])
  expect(await say(server, ann, session, 'Tell me', id)).toBe(first)
  expect((await messagesOf(session)).map(message => message.content.text)).toEqual(['Tell me', TEXT.trim()])
  expect(ai.requests.length - asked).toBe(1)
  await server.restart()
  expect(await say(server, ann, session, 'Tell me', id)).toBe(first)
  expect((await watch(server, ann, first)).status).toBe(404)
  expect(await messagesOf(session)).toHaveLength(2)
})

test('[AGT-3] a message whose answer a restart took before it began is answered when it is sent again', async () => {
  const session = await openSession(server, ann)
  const id = crypto.randomUUID()
  const streamId = await say(server, ann, session, 'Tell me', id)
  server.kill('SIGKILL')
  await server.exited()
  await server.restart()
  expect((await watch(server, ann, streamId)).status).toBe(404)
  expect(await say(server, ann, session, 'Tell me', id)).toBe(streamId)
  expect(said(await readAll(server, ann, streamId))).toBe('Hello there.')
  expect((await messagesOf(session)).map(message => message.content.text)).toEqual(['Tell me', 'Hello there.'])
})

test('[AGT-5] the agent starts with its first viewer; without one within 10 s the stream ends and says so', async () => {
  const session = await openSession(server, ann)
  const asked = ai.requests.length
  const streamId = await say(server, ann, session, 'Tell me')
  const at = performance.now()
  await waitFor(async () => (await api<Session>(server, ann, 'GET', `ai-agent/sessions/${session.id}`)).body.stream === undefined, { timeout: 20_000, interval: 200 })
  const waited = performance.now() - at
  expect(waited).toBeGreaterThan(9000)
  const parts = chunks(await readAll(server, ann, streamId))
  expect(parts.map(part => part.type)).toEqual(['start', 'text-start', 'text-end', 'message-metadata', 'error'])
  expect(parts.at(-1)).toEqual({ type: 'error', errorText: 'nobody connected in time' })
  expect(ai.requests.length).toBe(asked)
  expect(await messagesOf(session)).toHaveLength(1)
})

test('[AGT-6] stopping reaches the engine at once and keeps what was said; before the start nothing is asked', async () => {
  const session = await openSession(server, ann)
  ai.behave({ chunks: WORDS, stallAfter: 8 })
  const streamId = await say(server, ann, session, 'Tell me')
  const viewers = await Promise.all([watch(server, ann, streamId), watch(server, ann, streamId)])
  await waitFor(() => viewers.every(({ events }) => said(events).includes('word7')))
  expect(ai.open).toBe(1)
  const stopping = api(server, ann, 'DELETE', `ai-agent/stream/${streamId}`)
  await waitFor(() => ai.open === 0, { timeout: 1000, what: 'the engine to be left' })
  const { status, body } = await stopping
  expect([status, body.finish]).toEqual([200, 'cancelled'])
  await Promise.all(viewers.map(viewer => viewer.ended))
  for (const { events } of viewers) {
    expect(said(events)).toBe(WORDS.slice(0, 8).join(''))
    expect(chunks(events).at(-1)).toMatchObject({ type: 'abort' })
  }
  expect((await messagesOf(session)).at(-1)).toMatchObject({ messageId: body.messageId, content: { text: WORDS.slice(0, 8).join('').trim() }, metadata: { finish: 'cancelled' } })
  expect((await api(server, ann, 'DELETE', `ai-agent/stream/${streamId}`)).body).toEqual(body)

  const asked = ai.requests.length
  const unheard = await say(server, ann, session, 'Never mind')
  expect((await api(server, ann, 'DELETE', `ai-agent/stream/${unheard}`)).body).toEqual({ streamId: unheard, finish: 'cancelled' })
  expect(chunks(await readAll(server, ann, unheard)).at(-1)).toMatchObject({ type: 'abort' })
  expect(ai.requests.length).toBe(asked)
  ai.behave({})
  expect(said(await readAll(server, ann, await say(server, ann, session, 'Go on')))).toBe('Hello there.')
})

test('[AGT-4] in its room, the answer streams as any other', async () => {
  const session = await openSession(server, ann)
  const page = await connect(server, { user: ann })
  await page.join(session.room)
  ai.behave({ chunks: WORDS, delayMs: 20 })
  const streamId = await say(server, ann, session, 'Tell me')
  const viewer = await watch(server, ann, streamId)
  expect(await page.next('ai.start')).toMatchObject({ room: session.room, stream_id: streamId, bot: 'host', userId: ann.id })
  await page.next('ai.delta', frame => frame.n === 4)
  await page.ack({ type: 'ai-cancel', room: session.room, stream_id: streamId })
  await viewer.ended
  const end = await page.next('ai.end')
  expect(end).toMatchObject({ finish: 'cancelled' })
  expect(page.all('ai.delta').map(frame => frame.text).join('')).toBe(said(viewer.events))
  expect((await messagesOf(session)).at(-1)).toMatchObject({ messageId: end.messageId })
})

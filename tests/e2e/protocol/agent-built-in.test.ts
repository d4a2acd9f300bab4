import { afterAll, beforeAll, expect, test } from 'vitest'
import { api, chunks, openSession, readAll, said, say, watch } from '../../support/agents'
import type { Session } from '../../support/agents'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser } from '../../support/session'
import type { TestUser } from '../../support/session'
import { waitFor } from '../../support/wait'

let server: TestServer
let ann: TestUser

beforeAll(async () => {
  server = await startServer()
  ann = await createUser(server)
})
afterAll(() => server?.stop())

test('[AGT-4] without any engine configured, the built-in one answers in the same way, and says which it is', async () => {
  const session = await openSession(server, ann, 'guide')
  const events = await readAll(server, ann, await say(server, ann, session, 'How do I lock a room?'))
  expect(chunks(events)[0]).toMatchObject({ messageMetadata: { engine: 'built-in' } })
  expect(chunks(events).at(-1)).toEqual({ type: 'finish', finishReason: 'stop' })
  expect(said(events).trim()).not.toBe('')
  const { body } = await api<Session>(server, ann, 'GET', `ai-agent/sessions/${session.id}`)
  const sources = chunks(events).flatMap(chunk => chunk.type === 'source-url' ? [{ url: chunk.url, title: chunk.title }] : [])
  expect(sources.length).toBeGreaterThan(0)
  expect(body.messages[1]?.metadata.sources).toEqual(sources)
  expect(body.messages[1]).toMatchObject({ content: { text: said(events).trim() }, metadata: { engine: 'built-in' } })
})

test('[AGT-6] the built-in engine stops, too', async () => {
  const session = await openSession(server, ann, 'guide')
  const streamId = await say(server, ann, session, 'What can you do?')
  const viewer = await watch(server, ann, streamId)
  await waitFor(() => said(viewer.events) !== '', { interval: 1 })
  const { body } = await api(server, ann, 'DELETE', `ai-agent/stream/${streamId}`)
  await viewer.ended
  expect(['cancelled', 'stop']).toContain(body.finish)
  const { body: { messages } } = await api<Session>(server, ann, 'GET', `ai-agent/sessions/${session.id}`)
  expect(messages[1]).toMatchObject({ messageId: body.messageId, content: { text: said(viewer.events).trim() } })
})

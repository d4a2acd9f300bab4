import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAiServer } from '../../support/ai-server'
import type { AiServer } from '../../support/ai-server'
import { addStranger, api, auditTrail, openSession, readAll, said, say } from '../../support/agents'
import type { Session } from '../../support/agents'
import { connect } from '../../support/client'
import { filesWith } from '../../support/files'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser } from '../../support/session'
import type { TestUser } from '../../support/session'
import { readStoredRooms } from '../../support/stored-log'
import { waitFor } from '../../support/wait'

let ai: AiServer
let server: TestServer
let ann: TestUser
let operator: TestUser
let admin: TestUser

beforeAll(async () => {
  ai = await startAiServer()
  server = await startServer({ env: { NUXT_AI_BASE_URL: ai.url, NUXT_AI_KEY: 'secret-of-the-engine', NUXT_AI_MODEL: 'test-model' } })
  ann = await createUser(server)
  operator = await createUser(server, 'Olga')
  admin = await createUser(server, 'Ada')
  await server.restart({ NUXT_OPERATORS: operator.id, NUXT_ADMINS: admin.id })
})
afterAll(async () => {
  await server?.stop()
  await ai?.close()
})

const list = async (who: TestUser, query = '') => (await api<{ sessions: Session[], more: boolean }>(server, who, 'GET', `ai-agent/sessions${query}`)).body

test('[AGT-1] sessions are opened, listed, renamed, pinned, archived, and deleted with every word', async () => {
  const one = await openSession(server, ann, 'host', 'First')
  expect(one).toMatchObject({ agentSlug: 'host', title: 'First', pinned: false, archived: false })
  // A kind without names: its address says nothing (ACC-1).
  expect(one.room).toMatch(/^~[0-9a-z]{20}$/)
  const two = await openSession(server, ann, 'guide')
  expect(two.title).toBe('')
  const agents = await api<{ agents: { slug: string, engine: string }[] }>(server, ann, 'GET', 'ai-agent/agents')
  expect(agents.body.agents.map(agent => agent.slug)).toEqual(['host', 'facilitator', 'guide'])
  expect(JSON.stringify(agents.body)).not.toContain('You welcome people')

  await readAll(server, ann, await say(server, ann, two, 'Where  are\nthe quokkas?'))
  expect((await list(ann)).sessions.map(session => session.title)).toEqual(['Where are the quokkas?', 'First'])
  const renamed = await api<Session>(server, ann, 'PATCH', `ai-agent/sessions/${one.id}`, { title: 'Renamed', pinned: true })
  expect(renamed.body).toMatchObject({ id: one.id, title: 'Renamed', pinned: true })
  expect((await list(ann)).sessions.map(session => session.title)).toEqual(['Renamed', 'Where are the quokkas?'])
  expect(await list(ann, '?limit=1')).toMatchObject({ sessions: [{ id: one.id }], more: true })
  expect(await list(ann, '?limit=1&offset=1')).toMatchObject({ sessions: [{ id: two.id }], more: false })
  await api(server, ann, 'PATCH', `ai-agent/sessions/${one.id}`, { archived: true })
  expect((await list(ann)).sessions.map(session => session.id)).toEqual([two.id])
  expect((await list(ann, '?archived=true')).sessions.map(session => session.id)).toEqual([one.id])

  const whole = await api<Session>(server, ann, 'GET', `ai-agent/sessions/${two.id}`)
  expect(whole.body.messages.map(message => [message.content.type, message.content.text])).toEqual([['user', 'Where  are\nthe quokkas?'], ['assistant', 'Hello there.']])
  const found = await api<{ messages: unknown[] }>(server, ann, 'GET', `rooms/${two.room}/search?q=quokkas`)
  expect(found.body.messages).toHaveLength(1)

  const page = await connect(server, { user: ann })
  await page.join(two.room)
  expect((await api(server, ann, 'DELETE', `ai-agent/sessions/${two.id}`)).status).toBe(200)
  expect(await page.next('error')).toMatchObject({ room: two.room, code: 'not_found' })
  expect(await page.refused({ type: 'chat', room: two.room, text: 'still here?', client_msg_id: 'x' })).toMatchObject({ code: 'forbidden' })
  for (const path of [`ai-agent/sessions/${two.id}`, `rooms/${two.room}/log`]) expect((await api(server, ann, 'GET', path)).status).toBe(404)
  expect(readStoredRooms(join(server.dataDir, 'lastra.db')).has(two.room)).toBe(false)
  expect(await filesWith(server.dataDir, 'quokkas')).toEqual([])
})

test('[AGT-1] what is wrong in a request is named, and an agent there is not cannot be talked to', async () => {
  const { id, agentSlug } = await openSession(server, ann)
  const refusals: [string, string, unknown, number, string][] = [
    ['POST', 'ai-agent/sessions', { agentSlug: 'nobody' }, 404, 'agentSlug'],
    ['POST', 'ai-agent/sessions', {}, 400, 'agentSlug'],
    ['POST', 'ai-agent/sessions', { agentSlug, title: '' }, 400, 'title'],
    ['PATCH', `ai-agent/sessions/${id}`, { pinned: 'yes' }, 400, 'pinned'],
    ['GET', 'ai-agent/sessions?limit=101', undefined, 400, 'limit'],
    ['POST', 'ai-agent/stream', { sessionId: id, agentSlug: 'guide', message: 'hello', client_msg_id: 'a' }, 409, 'agentSlug'],
    ['POST', 'ai-agent/stream', { sessionId: id, agentSlug, message: ' ', client_msg_id: 'a' }, 400, 'message'],
    ['POST', 'ai-agent/stream', { sessionId: id, agentSlug, message: 'hello' }, 400, 'client_msg_id'],
  ]
  for (const [method, path, body, status, field] of refusals) {
    const answer = await api<{ message: string }>(server, ann, method, path, body)
    expect([path, answer.status, answer.body.message.split(':')[0]]).toEqual([path, status, field])
  }
})

test('[AGT-2] a session is nobody else\'s: every path says that it does not exist', async () => {
  const session = await openSession(server, ann, 'host', 'Private matters')
  const streamId = await say(server, ann, session, 'between you and me')
  expect(said(await readAll(server, ann, streamId))).toBe('Hello there.')
  const bob = await createUser(server, 'Bob')
  const stranger = await addStranger(server, 'stranger00000001')
  const paths: [string, string, unknown?][] = [
    ['GET', `ai-agent/sessions/${session.id}`],
    ['PATCH', `ai-agent/sessions/${session.id}`, { title: 'Mine' }],
    ['DELETE', `ai-agent/sessions/${session.id}`],
    ['POST', 'ai-agent/stream', { sessionId: session.id, agentSlug: 'host', message: 'hello', client_msg_id: 'a' }],
    ['GET', `ai-agent/stream/${streamId}`],
    ['DELETE', `ai-agent/stream/${streamId}`],
    ['GET', `rooms/${session.room}/log`],
    ['GET', `rooms/${session.room}/messages`],
    ['GET', `rooms/${session.room}/search?q=between`],
    ['GET', `rooms/${session.room}`],
    ['POST', `chat/stream?room=${session.room}`],
    ['GET', `chat/stream?room=${session.room}`],
    ['POST', `chat/poll?room=${session.room}`],
  ]
  const none = session.room.replace(session.id, '0'.repeat(20))
  for (const [who, other] of Object.entries({ bob, stranger, operator, admin })) {
    for (const [method, path, body] of paths) {
      const answer = await api(server, other, method, path, body)
      expect([who, method, path, answer.status]).toEqual([who, method, path, 404])
      expect(JSON.stringify(answer.body)).not.toMatch(/between|Private/)
    }
    const client = await connect(server, { token: other.token })
    const refusal = await client.refused({ type: 'join', room: session.room })
    expect(refusal).toMatchObject({ code: 'not_found' })
    // A session there is not is refused in the same words.
    const { message } = await client.refused({ type: 'join', room: none })
    expect(message).toBe(refusal.message)
    expect(await client.refused({ type: 'ai-cancel', room: session.room, stream_id: streamId })).toMatchObject({ code: 'forbidden' })
    await client.close()
    for (const path of ['rooms', 'ai-agent/sessions']) expect(JSON.stringify((await api(server, other, 'GET', path)).body)).not.toContain(session.room)
  }
  for (const [method, path, body] of paths) {
    const door = path === `rooms/${session.room}`
    expect([method, path, (await api(server, undefined, method, path, body)).status]).toEqual([method, path, door ? 404 : 401])
  }
  for (const path of ['ai-agent/sessions', 'ai-agent/agents']) expect((await api(server, undefined, 'GET', path)).status).toBe(401)
  expect((await api(server, undefined, 'POST', 'ai-agent/sessions', { agentSlug: 'host' })).status).toBe(401)
  expect((await api<Session>(server, ann, 'GET', `ai-agent/sessions/${session.id}`)).body).toMatchObject({ title: 'Private matters', messages: { length: 2 } })
})

test('[AGT-2] another site\'s page cannot start or read an answer in its owner\'s name', async () => {
  const streamId = await say(server, ann, await openSession(server, ann), 'hello')
  const asked = ai.requests.length
  const headers = { cookie: ann.cookie, origin: 'https://elsewhere.example' }
  expect((await fetch(`${server.url}/api/ai-agent/stream/${streamId}`, { headers })).status).toBe(403)
  expect((await fetch(`${server.url}/api/ai-agent/stream/${streamId}`, { method: 'DELETE', headers })).status).toBe(403)
  expect(ai.requests.length).toBe(asked)
  expect(said(await readAll(server, ann, streamId))).toBe('Hello there.')
})

test('[AGT-2] its owner cannot open it to others either, whoever that is', async () => {
  for (const owner of [ann, admin]) {
    const { room } = await openSession(server, owner, 'host')
    const client = await connect(server, { user: owner })
    const { state } = await client.join(room)
    expect(state).toMatchObject({ kind: 'agent', bots: [], you: { role: 'host', can: ['chat', 'write', 'delete-any', 'clear', 'rename', 'export'] } })
    for (const frame of [
      { type: 'room-update', listed: true }, { type: 'room-update', locked: false },
      { type: 'member-update', userId: operator.id, role: 'member' },
      { type: 'bot-toggle', bot: 'guide', enabled: true }, { type: 'ai-request', bot: 'host', prompt: 'hello' },
    ]) expect(await client.refused({ ...frame, room })).toMatchObject({ code: 'forbidden' })
    expect(JSON.stringify((await api(server, owner, 'GET', 'rooms')).body)).not.toContain(room)
    await client.close()
  }
})

test('[AGT-7] everything that happens to a session is in the audit trail, and no word of what was said', async () => {
  const session = await openSession(server, ann, 'host', 'Zebrafinch')
  const streamId = await say(server, ann, session, 'axolotl')
  await readAll(server, ann, streamId)
  await api(server, ann, 'PATCH', `ai-agent/sessions/${session.id}`, { title: 'Wombat' })
  await api(server, ann, 'DELETE', `ai-agent/sessions/${session.id}`)
  const trail = await waitFor(() => {
    // Of this session: others of this file have been deleted too.
    const own = auditTrail(server).filter(event => `~${event.room_id}` === session.room)
    return own.some(event => event.action === 'agent.session.deleted') ? own : undefined
  })
  expect(trail.map(event => event.action)).toEqual([
    'agent.session.created', 'agent.stream.created', 'agent.stream.connected', 'agent.stream.started', 'agent.stream.finished', 'room.update', 'agent.session.deleted',
  ])
  expect(trail.every(event => event.user_id === ann.id)).toBe(true)
  expect(trail.filter(event => event.action.startsWith('agent.stream')).every(event => event.detail.includes(streamId))).toBe(true)
  expect(JSON.stringify(auditTrail(server))).not.toMatch(/Zebrafinch|axolotl|Wombat|Hello/)
  expect(server.log()).not.toMatch(/Zebrafinch|axolotl|Wombat|secret-of-the-engine/)
})

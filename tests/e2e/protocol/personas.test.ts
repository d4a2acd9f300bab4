import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAiServer } from '../../support/ai-server'
import type { AiServer } from '../../support/ai-server'
import { api, auditTrail, openSession, readAll, said, say, watch } from '../../support/agents'
import { connect } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import type { TestUser } from '../../support/session'
import { waitFor } from '../../support/wait'

interface Persona { id: string, version: number, name: string, instructions: string, engine: string, answeredBy: { engine: string, model?: string }, tokensThisHour: number }

let ai: AiServer
let server: TestServer
let ann: TestUser
let operator: TestUser
let admin: TestUser

const POET = { name: 'Poet', avatar: '🪶', instructions: 'You answer in rhyme.', model: 'verse-1', temperature: 0.5, speaks: 'mention', answersPerMinute: 30, tokensPerHour: 5000 }

beforeAll(async () => {
  ai = await startAiServer()
  server = await startServer({ env: { NUXT_AI_BASE_URL: ai.url, NUXT_AI_KEY: 'secret-of-the-engine', NUXT_AI_MODEL: 'test-model', NUXT_AI_OPENAI_KEY: 'another-secret' } })
  ann = await createUser(server)
  operator = await createUser(server, 'Olga')
  admin = await createUser(server, 'Ada')
  await server.restart({ NUXT_OPERATORS: operator.id, NUXT_ADMINS: admin.id })
})
afterAll(async () => {
  await server?.stop()
  await ai?.close()
})

test('[AGT-8] operators and administrators see the personas and the engines, never a key; nobody else sees them', async () => {
  for (const who of [operator, admin]) {
    const { status, body } = await api<{ personas: Persona[], engines: { name: string, available: boolean, answeredBy: object }[] }>(server, who, 'GET', 'personas')
    expect(status).toBe(200)
    expect(body.personas.map(persona => persona.id)).toEqual(expect.arrayContaining(['host', 'facilitator', 'guide']))
    expect(body.personas[0]).toMatchObject({ version: 0, name: 'Concierge', answeredBy: { engine: 'openai-compatible', model: 'test-model' }, tokensThisHour: 0 })
    const standard = { engine: 'openai-compatible', model: 'test-model' }
    expect(body.engines).toEqual([
      { name: 'default', available: true, answeredBy: standard }, { name: 'built-in', available: true, answeredBy: { engine: 'built-in' } },
      { name: 'openai-compatible', available: true, answeredBy: standard }, { name: 'openai', available: true, answeredBy: { engine: 'openai', model: 'gpt-4.1-mini' } },
      { name: 'anthropic', available: false, answeredBy: standard }, { name: 'google', available: false, answeredBy: standard },
    ])
    expect(JSON.stringify(body)).not.toMatch(/secret/)
  }
  const paths: [string, string, unknown?][] = [['GET', 'personas'], ['GET', 'personas/host/versions'], ['PUT', 'personas/host', POET]]
  for (const [method, path, body] of paths) {
    expect((await api(server, ann, method, path, body)).status).toBe(403)
    expect((await api(server, undefined, method, path, body)).status).toBe(401)
  }
})

test('[AGT-8] a change is a new version that later joins and answers go by, and the audit trail knows whose', async () => {
  const made = await api<Persona>(server, operator, 'PUT', 'personas/poet', { ...POET, version: 0 })
  expect(made.body).toMatchObject({ id: 'poet', version: 1, engine: 'default', instructions: POET.instructions })
  const room = unique('poets')
  const client = await connect(server, { user: ann })
  expect((await client.join(room)).state.bots.at(-1)).toEqual({ id: 'poet', name: 'Poet', avatar: '🪶', enabled: false, engine: 'openai-compatible', model: 'test-model' })
  const session = await openSession(server, ann, 'poet')
  await readAll(server, ann, await say(server, ann, session, 'Sing'))
  expect(ai.requests.at(-1)).toMatchObject({ temperature: 0.5, messages: [{ role: 'system', content: expect.stringContaining('You answer in rhyme.') }, { role: 'user', content: 'Ann: Sing' }] })

  const changed = await api<Persona>(server, admin, 'PUT', 'personas/poet', { ...POET, name: 'Bard', engine: 'openai-compatible', instructions: 'You answer in prose.', version: 1 })
  expect(changed.body).toMatchObject({ version: 2, name: 'Bard', answeredBy: { model: 'verse-1' } })
  expect((await client.join(room)).state.bots.at(-1)).toMatchObject({ id: 'poet', name: 'Bard', model: 'verse-1' })
  await readAll(server, ann, await say(server, ann, session, 'Speak'))
  expect(ai.requests.at(-1)).toMatchObject({ model: 'verse-1', messages: [{ content: expect.stringContaining('You answer in prose.') }, {}, {}, {}] })

  expect(await api(server, operator, 'PUT', 'personas/poet', { ...POET, version: 1 })).toMatchObject({ status: 409, body: { code: 'conflict' } })
  const { body } = await api<{ versions: (Persona & { by: string })[] }>(server, operator, 'GET', 'personas/poet/versions')
  expect(body.versions.map(version => [version.version, version.name, version.by])).toEqual([[2, 'Bard', admin.id], [1, 'Poet', operator.id]])
  expect((await api<{ versions: unknown[] }>(server, operator, 'GET', 'personas/host/versions')).body).toEqual({ versions: [] })
  expect((await api(server, operator, 'GET', 'personas/nobody/versions')).status).toBe(404)
  expect(auditTrail(server).filter(event => event.action === 'persona.saved').map(event => [event.user_id, event.detail])).toEqual([
    [operator.id, '{"persona":"poet","version":1}'], [admin.id, '{"persona":"poet","version":2}'],
  ])
  await server.restart()
  const list = await api<{ personas: Persona[] }>(server, operator, 'GET', 'personas')
  expect(list.body.personas.find(persona => persona.id === 'poet')).toMatchObject({ version: 2, name: 'Bard' })
})

test('[AGT-8] what a persona used counts, also when it was stopped or its engine does not count, and above its budget it is silent', async () => {
  await api(server, operator, 'PUT', 'personas/miser', { ...POET, name: 'Miser', tokensPerHour: 1000 })
  const session = await openSession(server, ann, 'miser')
  ai.behave({ chunks: ['x'.repeat(5000), ' and more'], stallAfter: 1 })
  const streamId = await say(server, ann, session, 'Spend')
  const viewer = await watch(server, ann, streamId)
  await waitFor(() => said(viewer.events).length === 5000)
  await api(server, ann, 'DELETE', `ai-agent/stream/${streamId}`)
  ai.behave({})
  const { body } = await api<{ personas: Persona[] }>(server, operator, 'GET', 'personas')
  expect(body.personas.find(persona => persona.id === 'miser')?.tokensThisHour).toBeGreaterThan(1200)
  const refused = await api(server, ann, 'POST', 'ai-agent/stream', { sessionId: session.id, agentSlug: 'miser', message: 'More', client_msg_id: 'more' })
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited', retryable: true } })
})

test('[AGT-8] what is wrong in a persona is named, and nothing is stored', async () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ name: '' }, 'name'], [{ instructions: 'x'.repeat(8193) }, 'instructions'], [{ instructions: undefined }, 'instructions'], [{ engine: 'magic' }, 'engine'],
    [{ temperature: 3 }, 'temperature'], [{ speaks: 'loudly' }, 'speaks'], [{ answersPerMinute: 0 }, 'answersPerMinute'], [{ tokensPerHour: 1.5 }, 'tokensPerHour'], [{ version: -1 }, 'version'],
  ]
  for (const [change, field] of wrong) {
    const { status, body } = await api<{ code: string, message: string }>(server, operator, 'PUT', 'personas/guide', { ...POET, ...change })
    expect([field, status, body.code, body.message.split(':')[0]]).toEqual([field, 400, 'bad_frame', field])
  }
  for (const id of ['Upper', '9lives', 'a'.repeat(33), '%20']) expect((await api(server, operator, 'PUT', `personas/${id}`, POET)).status).toBe(400)
  expect((await api<{ versions: unknown[] }>(server, operator, 'GET', 'personas/guide/versions')).body).toEqual({ versions: [] })
})
